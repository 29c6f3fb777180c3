import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../../functions/submission/ingestion/ingestion.ts';
import type { SubmissionGrant } from '../../../shared/credential/mint.ts';
import { mintSubmissionToken } from '../../../shared/credential/mint.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import type { ProblemCode } from '../../../shared/problem.ts';
import { parseQuarantineNote } from '../../../shared/quarantine-note.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import { localSigner } from '../../../shared/signature/signer.ts';
import { isToken } from '../../../shared/token/token.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import { entriesOfRun, verifyRun } from '../../support/memory/verification.ts';
import { type UploadOptions, World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { endingOf } from './invariants.ts';

const GOOD = sample({ records: 5 }).text;
const DAY_MS = 86_400_000;

/** Uploads, runs the flow, and expects that nothing of it was read. */
async function refusalOf(
  options: Partial<UploadOptions>,
  world?: World,
): Promise<{ code: string; world: World; run: string }> {
  const there = world ?? (await World.open());
  const upload = await there.upload({ body: GOOD, ...options });
  const { stages, sealed, status } = await execute(there, upload);
  expect(status).toBe('SUCCEEDED');
  expect(sealed).toMatchObject({ outcome: 'refused', counts: { received: 0, passed: 0, quarantined: 0 } });
  expect(stages).toHaveLength(1);
  const run = runIdOf(upload);
  await verifyRun(there, run);
  // Kept whole, without its token; gone from landing; nothing handed on.
  const copy = await there.buckets.quarantine.head(`uploads/${run}/payload`);
  expect(copy?.metadata).toEqual({});
  expect(copy?.size).toBe(upload.size);
  expect(there.buckets.landing.keys()).not.toContain(upload.key);
  expect(there.buckets.working.keys(`ingested/${run}/`).filter((key) => key.includes('manifest'))).toEqual([]);
  const code = stages[0]?.problem?.code ?? '';
  expect(JSON.parse(there.buckets.quarantine.text(`uploads/${run}/problem.json`))).toMatchObject({
    type: `urn:parapet:problem:${code}`,
    instance: run,
  });
  return { code, world: there, run };
}

describe('ingestion, of the credential', () => {
  const now = Date.parse('2026-11-22T10:00:00.000Z') / 1_000;
  const claimed: readonly (readonly [ProblemCode, Partial<SubmissionGrant>])[] = [
    ['credential-issuer', { issuer: 'https://elsewhere.example' }],
    ['credential-audience', { audience: 'parapet:other' }],
    ['credential-expired', { issuedAt: now - 7_200, expiresAt: now - 3_600 }],
    ['credential-not-yet-valid', { issuedAt: now + 3_600, expiresAt: now + 7_200 }],
    ['credential-scope', { scopes: ['reconcile:read'] }],
    ['credential-target', { key: 'in/other.ndjson' }],
    ['credential-target', { bucket: 'other-bucket' }],
    ['credential-dataset', { contract: 'other-dataset' }],
    ['payload-size', { size: 7 }],
    ['payload-digest', { sha256: '0'.repeat(64) }],
  ];
  it.each(claimed)('[B01] refuses with %s what claims %o', async (code, claims) => {
    const { code: given, world } = await refusalOf({ claims });
    expect(given).toBe(code);
    // Judged by the head alone.
    expect(world.faults.calls).not.toContain('landing.stream');
  });

  it('[B01] refuses an upload without a token', async () => {
    expect((await refusalOf({ token: null })).code).toBe('credential-missing');
  });

  it('[B01] refuses what is no token', async () => {
    expect((await refusalOf({ token: 'abc' })).code).toBe('credential-malformed');
  });

  it('[B01] refuses a token without a signature', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${encode({ alg: 'none' })}.${encode({ iss: 'https://portal.parapet.example' })}.`;
    expect((await refusalOf({ token: none })).code).toBe('credential-algorithm');
  });

  it('[B01] refuses a token that another key signed', async () => {
    const world = await World.open();
    const forger = localSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const token = await mintSubmissionToken(
      {
        issuer: 'https://portal.parapet.example',
        subject: 'submitter-1',
        audience: 'parapet:test',
        scopes: ['ingest:read'],
        bucket: world.buckets.landing.bucket,
        key: 'in/grants.ndjson',
        size: Buffer.byteLength(GOOD),
        sha256: '0'.repeat(64),
        contract: 'grant-submission',
        jti: 'forged',
        issuedAt: now,
        expiresAt: now + 60,
      },
      forger,
    );
    expect((await refusalOf({ token }, world)).code).toBe('credential-signature');
  });

  it('[B01] refuses a token that has been used for another upload, and takes it again for the same', async () => {
    const world = await World.open();
    const token = await world.token({ key: 'in/grants.ndjson', bytes: Buffer.from(GOOD), claims: {} });
    const first = await world.upload({ body: GOOD, token });
    expect((await execute(world, first)).sealed?.outcome).toBe('exported');
    expect((await refusalOf({ token }, world)).code).toBe('credential-replayed');
  });

  it('[B01] judges times as of the first attempt, so that a retry comes to the same answer', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: GOOD });
    world.faults.plan = ({ name }) => (name === 'working.put' ? 'before' : undefined);
    expect((await execute(world, upload, { retries: 0 })).sealed?.outcome).toBe('failed');
    world.faults.plan = () => undefined;
    // The token has expired since.
    world.nowMs += DAY_MS;
    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
  });

  it('[B01] judges times as of the put, by the store’s clock: a late event makes no token expire', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: GOOD });
    world.nowMs += 20 * DAY_MS;
    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
  });

  it('[B01] does not believe an event that says it came earlier', async () => {
    const world = await World.open();
    const time = new Date(world.nowMs).toISOString();
    const token = await world.token({ key: 'in/grants.ndjson', bytes: Buffer.from(GOOD), claims: {} });
    world.nowMs += 2 * 3_600_000;
    const upload = { ...(await world.upload({ body: GOOD, token })), time };
    const { stages } = await execute(world, upload);
    expect(stages[0]?.problem?.code).toBe('credential-expired');
  });

  it('[B01] takes a token once however long somebody waits: until it is forgotten, nothing that bears it is looked at', async () => {
    const world = await World.open();
    const token = await world.token({ key: 'in/grants.ndjson', bytes: Buffer.from(GOOD), claims: {} });
    const put = () => world.upload({ body: GOOD, token });
    const [first, second, third] = [await put(), await put(), await put()];
    expect((await execute(world, first)).sealed?.outcome).toBe('exported');
    expect((await execute(world, second)).stages[0]?.problem?.code).toBe('credential-replayed');
    // Its event comes when the table may have swept the token.
    const [forgotten = 0] = [...world.credentials.items.values()].map(({ expiresAt }) => expiresAt * 1_000);
    world.credentials.items.clear();
    world.nowMs = forgotten;
    expect((await execute(world, third)).stages[0]?.problem?.code).toBe('credential-expired');
  });

  it('refuses to look at an event of another bucket, which would be another run of the same object', async () => {
    const world = await World.open();
    const upload = { ...(await world.upload({ body: GOOD })), bucket: 'another-bucket' };
    const { status, sealed, history } = await execute(world, upload, { retries: 0 });
    expect(status).toBe('FAILED');
    expect(history).toContainEqual(expect.objectContaining({ error: 'configuration-invalid' }));
    expect(sealed).toMatchObject({ run: runIdOf(upload), outcome: 'failed' });
    // The object is the other run's: it is neither copied nor deleted in this one's name.
    expect(world.buckets.quarantine.keys()).toEqual([]);
    expect(world.buckets.landing.keys()).toEqual([upload.key]);
  });

  it.each([
    ['as the store knows it, before anybody has looked', {}, 0],
    ['as it was computed', { sha256: undefined }, 1],
  ])(
    '[B05] logs the fingerprint of what was refused, %s, and not what its credential claims',
    async (_, head, read) => {
      const world = await World.open();
      const { landing } = world.buckets;
      const whole = landing.head.bind(landing);
      landing.head = async (...of) => {
        const found = await whole(...of);
        return found && { ...found, ...head };
      };
      const { run } = await refusalOf({ claims: { sha256: '0'.repeat(64) } }, world);
      expect(entriesOfRun(world, run)[0]).toMatchObject({ problem: 'payload-digest', payload: sha256Hex(GOOD) });
      expect(world.faults.calls.filter((name) => name === 'landing.stream')).toHaveLength(read);
    },
  );

  it('[B05] logs who was refused, by digests', async () => {
    const { world, run } = await refusalOf({ claims: { sha256: '0'.repeat(64) } });
    const [entry] = entriesOfRun(world, run);
    expect(entry).toMatchObject({
      action: 'submission.refused',
      outcome: 'denied',
      problem: 'payload-digest',
      source: '192.0.2.7',
      who: { subject: expect.stringMatching(/^[0-9a-f]{64}$/), credential: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

describe('ingestion, of what is personal', () => {
  const namesOf = (world: World, personal: boolean): string[] =>
    world.contract.fields.filter((field) => (field.class === 'pii') === personal).map(({ name }) => name);
  /** The first record as ingestion hands it on. */
  const handedOn = async (world: World): Promise<Record<string, unknown>> => {
    await execute(world, await world.upload({ body: GOOD }));
    const [key = ''] = world.buckets.working.keys('ingested/').filter((each) => each.endsWith('.ndjson'));
    return JSON.parse(world.buckets.working.text(key).split('\n')[0] ?? '').fields;
  };
  const submitted: Record<string, unknown> = JSON.parse(GOOD.split('\n')[0] ?? '');

  it('[B04] [P23] hands on a token for every field that the contract classes as personal, and for no other', async () => {
    const world = await World.open();
    const fields = await handedOn(world);
    expect(namesOf(world, true).length).toBeGreaterThan(1);
    for (const name of namesOf(world, true)) expect(isToken(String(fields[name])), name).toBe(true);
    for (const name of namesOf(world, false)) expect(fields[name], name).toEqual(submitted[name]);
  });

  it('[P23] goes by the class alone: the signed contract decides what is personal, not the code', async () => {
    const world = await World.open();
    await world.registerContract(
      world.contractText((contract) => ({
        ...contract,
        fields: contract.fields.map((field) =>
          field.name === 'applicant_organization' ? { ...field, class: 'pii' } : field,
        ),
      })),
    );
    const fields = await handedOn(world);
    expect(submitted.applicant_organization).toEqual(expect.any(String));
    expect(isToken(String(fields.applicant_organization))).toBe(true);
    expect(
      world.buckets.exports
        .keys()
        .some((key) => world.buckets.exports.text(key).includes(String(submitted.applicant_organization))),
    ).toBe(true);
  });
});

describe('ingestion, of the payload as a whole', () => {
  const json = (text: string) => ({ key: 'in/a.json', contentType: 'application/json', body: text });
  const whole: readonly (readonly [ProblemCode, Partial<UploadOptions>])[] = [
    ['payload-empty', { body: '' }],
    ['payload-truncated', json(sample({ records: 5, format: 'json' }).text.slice(0, -40))],
    ['payload-malformed', json('[{"a":1} {"a":2}]')],
    ['payload-encoding', { body: Buffer.from([0x7b, 0x22, 0xff, 0xff, 0x22, 0x7d, 0x0a]) }],
    [
      'payload-forbidden',
      { key: 'in/a.xml', contentType: 'text/xml', body: '<!DOCTYPE a [<!ENTITY b "c">]><grants/>' },
    ],
    ['media-type-unsupported', { contentType: 'application/pdf' }],
    ['media-type-unsupported', { key: 'in/a.csv', contentType: 'text/csv', body: Buffer.from('PK\u0003\u0004zip') }],
    ['header-invalid', { key: 'in/a.csv', contentType: 'text/csv', body: 'nonsense\r\n1\r\n' }],
  ];
  it.each(whole)('[B02] refuses with %s', async (code, options) => {
    expect((await refusalOf(options)).code).toBe(code);
  });

  it('refuses a payload over the contract’s limit without reading it', async () => {
    const world = await World.open();
    await world.registerContract(
      world.contractText((contract) => ({ ...contract, submission: { ...contract.submission, maxPayloadBytes: 100 } })),
    );
    expect((await refusalOf({}, world)).code).toBe('payload-too-large');
    expect(world.faults.calls).not.toContain('landing.stream');
  });

  it('refuses a dataset that has no contract', async () => {
    const world = await World.open();
    world.contracts.items.clear();
    expect((await refusalOf({}, world)).code).toBe('contract-unknown');
  });

  it('counts nothing of an upload that breaks off after chunks of it were committed', async () => {
    const world = await World.open();
    world.chunkRecords = 5;
    const body = sample({ records: 20, format: 'json', faults: 0.3 }).text.slice(0, -40);
    const { run } = await refusalOf({ key: 'in/a.json', contentType: 'application/json', body }, world);
    // They were committed, with records turned away; the refusal supersedes it, and the tally says so.
    expect(entriesOfRun(world, run).some(({ action }) => action === 'record.quarantined')).toBe(true);
    expect(world.buckets.exports.keys()).toEqual([]);
  });

  it('[B01] compares the digest before anything is parsed, by a pass of its own where the head has none', async () => {
    const world = await World.open();
    const head = world.buckets.landing.head.bind(world.buckets.landing);
    // As after a multipart upload.
    world.buckets.landing.head = async (...of) => {
      const found = await head(...of);
      return found && { ...found, sha256: undefined };
    };
    expect((await refusalOf({ body: '{"broken', claims: { sha256: '0'.repeat(64) } }, world)).code).toBe(
      'payload-digest',
    );
    expect(world.faults.calls.filter((name) => name === 'landing.stream')).toHaveLength(1);
    const upload = await world.upload({ body: GOOD });
    const before = world.faults.calls.length;
    let writes = 0;
    world.faults.plan = ({ name }) => (name === 'working.put' && ++writes === 1 ? 'before' : undefined);
    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
    // Hashed once, read by two attempts: the version is immutable, so that the second need not hash it again.
    expect(world.faults.calls.slice(before).filter((name) => name === 'landing.stream')).toHaveLength(3);
  });

  it('[S09] judges every attempt by the contract of the first, and the next upload by the newest', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: GOOD });
    let writes = 0;
    world.faults.plan = ({ name }) => (name === 'working.put' && ++writes === 1 ? 'before' : undefined);
    await expect(ingest({ execution: EXECUTION, upload }, world.ingestion)).rejects.toThrow('unavailable');
    // Version 2 knows one field less: what was good is no longer.
    const fields = world.contract.fields.filter(({ name }) => name !== 'multi_year');
    await world.registerContract(world.contractText((contract) => ({ ...contract, version: 2, fields })));
    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
    const next = await world.upload({ key: 'in/next.ndjson', body: GOOD, claims: { idempotencyKey: 'next' } });
    expect((await execute(world, next, { execution: `${EXECUTION}-2` })).sealed?.outcome).toBe('quarantined');
  });
});

describe('ingestion, of what is not the submitter’s fault', () => {
  it('[S09] fails, and refuses nobody, when the contract is not signed by a pinned key', async () => {
    const world = await World.open();
    const key = 'grant-submission/1';
    const signed = world.contracts.items.get(key);
    world.contracts.items.set(key, { text: `${signed?.text} `, signature: signed?.signature ?? '' });
    const upload = await world.upload({ body: GOOD });
    const { sealed, history } = await execute(world, upload, { retries: 0 });
    expect(sealed?.outcome).toBe('failed');
    expect(history).toContainEqual(expect.objectContaining({ error: 'contract-untrusted' }));
    // The upload stays: when the contract is mended, the same object goes through.
    expect(world.buckets.landing.keys()).toContain(upload.key);
    world.contracts.items.set(key, { text: signed?.text ?? '', signature: signed?.signature ?? '' });
    expect((await execute(world, upload, { execution: `${EXECUTION}-2` })).sealed).toMatchObject({
      outcome: 'exported',
      seal: { generation: 2 },
    });
  });

  it('fails when the version is gone', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: GOOD });
    await world.buckets.landing.deleteVersion(upload.key, upload.versionId);
    await expect(ingest({ execution: EXECUTION, upload }, world.ingestion)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('ingestion, of records', () => {
  it('[B04] hands on tokens in the place of personal values, the same for the same value', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: sample({ records: 30, contacts: 3 }).text });
    await ingest({ execution: EXECUTION, upload }, world.ingestion);
    const key = world.buckets.working.keys().find((each) => each.endsWith('.ndjson')) ?? '';
    const lines = world.buckets.working
      .text(key)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).fields);
    for (const fields of lines) {
      expect(fields.contact_name).toMatch(/^tok_1_[\w-]{32}$/);
      expect(fields.contact_email).toMatch(/^tok_1_[\w-]{32}$/);
    }
    const tokens = new Set(lines.map(({ contact_email, grantor_id }) => `${grantor_id} ${contact_email}`));
    expect(tokens.size).toBeLessThan(30);
    expect(world.subjectKeys.items.size).toBe(3);
  });

  it('[B04] tokenises every attempt under the salt version of the first, whatever has become current since', async () => {
    const world = await World.open();
    world.chunkRecords = 10;
    const upload = await world.upload({ body: sample({ records: 30 }).text });
    let chunks = 0;
    world.faults.plan = ({ name }) => (name === 'audit.create' && ++chunks === 2 ? 'before' : undefined);
    await expect(ingest({ execution: EXECUTION, upload }, world.ingestion)).rejects.toThrow('unavailable');
    world.salts.text = JSON.stringify({ ...JSON.parse(world.salts.text), current: '2' });
    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
    const texts = world.buckets.working.keys('ingested/').map((key) => world.buckets.working.text(key));
    expect(texts.join('')).toContain('tok_1_');
    expect(texts.join('')).not.toContain('tok_2_');
  });

  it('[B03] keeps a turned-away record where only its key opens it, with pointer, code and rule beside it', async () => {
    const world = await World.open();
    const body = GOOD.replace(/"ein":"[^"]*"/, '"ein":"SECRET-VALUE"');
    const upload = await world.upload({ body });
    await execute(world, upload);
    const run = runIdOf(upload);
    const [problems = ''] = world.buckets.quarantine.keys(`problems/ingestion/${run}/`);
    const note = parseQuarantineNote(world.buckets.quarantine.text(problems));
    expect(note.records).toEqual([
      { record: 1, errors: [{ code: 'field-format', pointer: '/ein', rule: expect.any(String) }] },
    ]);
    for (const key of world.buckets.quarantine.keys())
      expect(world.buckets.quarantine.text(key)).not.toContain('SECRET-VALUE');
  });

  it('keeps the whole upload when a record was too large to hold', async () => {
    const world = await World.open();
    const [first = '', ...rest] = GOOD.trimEnd().split('\n');
    const huge = first.replace(/"purpose":"[^"]*"/, `"purpose":"${'x'.repeat(100_000)}"`);
    expect(huge).not.toBe(first);
    const upload = await world.upload({ body: [huge, ...rest, ''].join('\n') });
    expect((await execute(world, upload)).sealed).toMatchObject({
      outcome: 'partly-exported',
      counts: { quarantined: 1 },
    });
    const run = runIdOf(upload);
    await endingOf(world, run);
    expect(world.buckets.quarantine.text(`uploads/${run}/payload`)).toContain('x'.repeat(100_000));
    const [problems = ''] = world.buckets.quarantine.keys(`problems/ingestion/${run}/`);
    expect(parseQuarantineNote(world.buckets.quarantine.text(problems)).records).toEqual([
      {
        record: 1,
        range: { start: 0, end: expect.any(Number) },
        errors: [expect.objectContaining({ code: 'record-too-large' })],
      },
    ]);
  });

  it('is emptied when no record passes', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: '{"a":1}\n{"b":2}\n' });
    const { stages, sealed } = await execute(world, upload);
    expect(stages.map(({ outcome }) => outcome)).toEqual(['emptied']);
    expect(sealed).toMatchObject({ outcome: 'quarantined', counts: { received: 2, passed: 0, quarantined: 2 } });
    await endingOf(world, runIdOf(upload));
  });
});
