import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { invoke } from '../../../functions/runtime/invocation.ts';
import { ingest } from '../../../functions/submission/ingestion/ingestion.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';

/** A value that stands nowhere else, so that finding it is proof. */
const CANARIES = [
  'Zenobia Quillfeather',
  'zenobia.quillfeather@canary.example',
  'canary-99-7654321',
  'PURPOSE-CANARY',
] as const;
const [NAME, EMAIL, EIN, PURPOSE] = CANARIES;

const lines = (): Record<string, unknown>[] =>
  sample({ records: 6 })
    .text.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Good records and broken ones, each with planted values in places where they belong and where they do not. */
function planted(): string {
  const [good = {}, badEin = {}, badMail = {}, unknown = {}, ledger = {}, rule = {}] = lines();
  const person = { contact_name: NAME, contact_email: EMAIL };
  const records = [
    { ...good, ...person },
    { ...badEin, ...person, ein: EIN },
    { ...badMail, contact_name: NAME, contact_email: `${EMAIL} ${EMAIL}` },
    { ...unknown, ...person, [NAME]: PURPOSE, [EMAIL.replaceAll('.', '_')]: EIN },
    { ...ledger, ...person, grant_id: 'GRA-9999999' },
    { ...rule, ...person, currency: 'EUR' },
  ];
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n{"contact_name":"${NAME}","contact_name":"${EMAIL}"}\n`;
}

function expectNone(what: string, text: string): void {
  for (const canary of CANARIES) {
    for (const form of [
      canary,
      canary.toUpperCase(),
      encodeURIComponent(canary),
      Buffer.from(canary).toString('base64').slice(0, -4),
    ]) {
      expect(text.includes(form) ? `${what} holds ${form}` : '').toBe('');
    }
  }
}

/** Everything that is not an upload as it came or an export as it goes. */
function expectNowhere(world: World, history: readonly unknown[]): void {
  const { landing, exports, quarantine, ...open } = world.buckets;
  for (const bucket of Object.values(open)) {
    for (const key of bucket.keys()) expectNone(key, `${key}\n${bucket.text(key)}`);
  }
  for (const key of quarantine.keys()) {
    // The whole refused upload is one encrypted object; the store's own encryption is not part of this.
    expectNone(key, key.endsWith('/payload') ? key : `${key}\n${quarantine.text(key)}`);
  }
  for (const bucket of [landing, exports]) expectNone(bucket.bucket, bucket.keys().join('\n').replaceAll('in/', ''));
  expectNone('history', JSON.stringify(history));
  const tables = [world.runs, world.credentials, world.idempotency, world.subjectKeys];
  for (const { items } of tables)
    expectNone(
      'a table',
      JSON.stringify([...items].map(([key, item]) => [key, item instanceof Map ? [...item] : item])),
    );
}

describe('a planted value', () => {
  const printed: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      printed.push(String(line));
      return true;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  it('[B04] [S16] is in no log, state, key, entry, problem, manifest or table, wherever a record ends', async () => {
    const world = await World.open();
    const { sealed, history } = await execute(world, await world.upload({ body: planted() }));
    expect(sealed).toMatchObject({ outcome: 'partly-exported', counts: { received: 7, passed: 1, quarantined: 6 } });
    expectNowhere(world, history);
    const exported = world.buckets.exports.keys().map((key) => world.buckets.exports.text(key));
    expect(exported.join('')).toContain(EMAIL);
  });

  it.each([
    ['breaks off', `${planted()}{"contact_email":"${EMAIL}`],
    [
      'is XML with an entity',
      `<!DOCTYPE g [<!ENTITY e "${NAME}">]><grants><grant><contact_email>&e;${EMAIL}</contact_email></grant></grants>`,
    ],
    ['has a header of values', `${NAME},${EMAIL},${EIN}\r\n`],
  ])('[B03] is nowhere when the upload %s', async (what, body) => {
    const world = await World.open();
    const key = what.includes('XML') ? 'in/a.xml' : what.includes('header') ? 'in/a.csv' : 'in/a.ndjson';
    const { history } = await execute(world, await world.upload({ key, body }));
    expectNowhere(world, history);
  });

  it('[S16] is in no log line and no error of a handler that fails on it', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: planted() });
    world.buckets.working.put = async () => {
      throw new Error(`cannot write ${NAME} ${EMAIL}`);
    };
    const context = { awsRequestId: '00000000-0000-4000-8000-000000000000', getRemainingTimeInMillis: () => 900_000 };
    const failure: unknown = await invoke('ingestion', context, () =>
      ingest({ execution: EXECUTION, upload }, world.ingestion),
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'internal-failure' });
    expect(printed.length).toBeGreaterThan(0);
    expectNone('the log', printed.join('\n'));
    expectNone(
      'the error',
      failure instanceof Error ? `${failure.message} ${failure.stack} ${String(failure.cause)}` : '',
    );
  });
});
