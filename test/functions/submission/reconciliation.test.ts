import { describe, expect, it } from 'vitest';
import type { SubmissionGrant } from '../../../shared/credential/mint.ts';
import type { Ledger } from '../../../shared/ports.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import { entriesOfRun } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { type Ending, endingOf } from './invariants.ts';

const GOOD = sample({ records: 12 }).text;

async function submit(
  world: World,
  {
    body = GOOD,
    claims = {},
    key = 'in/grants.ndjson',
  }: { body?: string; claims?: Partial<SubmissionGrant>; key?: string } = {},
): Promise<{ outcome: string | undefined; problem: string | undefined; stages: number; ending: Ending; run: string }> {
  const upload = await world.upload({ key, body, claims });
  const { stages, sealed, status } = await execute(world, upload, {
    execution: `${EXECUTION}-${world.runs.items.size}`,
  });
  expect(status).toBe('SUCCEEDED');
  const run = runIdOf(upload);
  const ending = await endingOf(world, run);
  return { outcome: sealed?.outcome, problem: stages.at(-1)?.problem?.code, stages: stages.length, ending, run };
}

describe('reconciliation, of the submission', () => {
  it.each([
    [['ingest:read']],
    [['ingest:read', 'reconcile:read']],
    [['ingest:read', 'audit:verify']],
    [['ingest:read', 'reconcile:read', 'audit:verify']],
  ])('[B09] admits the scopes %j', async (scopes) => {
    expect(await submit(await World.open(), { claims: { scopes } })).toMatchObject({ outcome: 'exported' });
  });

  it.each(['reconcile:write', 'admin', 'reconcile:*', 'RECONCILE:READ', 'reconcile:read,audit:verify'])(
    '[B09] refuses and logs the scope %s as escalation, and burns no key for it',
    async (scope) => {
      const world = await World.open();
      const { outcome, problem, ending, run } = await submit(world, { claims: { scopes: ['ingest:read', scope] } });
      expect({ outcome, problem }).toEqual({ outcome: 'refused', problem: 'scope-escalation' });
      expect(ending.quarantined).toHaveLength(12);
      expect(new Set(ending.quarantined.map(({ code }) => code))).toEqual(new Set(['scope-escalation']));
      expect(entriesOfRun(world, run)).toContainEqual(
        expect.objectContaining({ action: 'submission.refused', stage: 'reconciliation', problem: 'scope-escalation' }),
      );
      expect(world.idempotency.items.size).toBe(0);
    },
  );

  it('[B07] refuses the same payload inside the window with 409, every record by that code', async () => {
    const world = await World.open();
    expect((await submit(world)).outcome).toBe('exported');
    const again = await submit(world, { key: 'in/again.ndjson' });
    expect(again).toMatchObject({ outcome: 'refused', problem: 'submission-duplicate', stages: 2 });
    expect(again.ending.quarantined.map(({ code }) => code)).toEqual(Array(12).fill('submission-duplicate'));
    expect(again.ending.exports.size).toBe(0);
  });

  it('[B07] refuses another payload under the same key with 422', async () => {
    const world = await World.open();
    const claims = { idempotencyKey: 'order-1' };
    expect((await submit(world, { claims })).outcome).toBe('exported');
    const body = sample({ records: 3, seed: 'other' }).text;
    expect(await submit(world, { claims, body })).toMatchObject({ outcome: 'refused', problem: 'submission-conflict' });
  });

  it('[B07] admits it again when the window has ended', async () => {
    const world = await World.open();
    await submit(world);
    world.nowMs += world.contract.submission.idempotencyWindowHours * 3_600_000 + 60_000;
    expect((await submit(world, { key: 'in/again.ndjson' })).outcome).toBe('exported');
  });

  it('[B07] lets nobody burn the key of another submitter, nor of another dataset', async () => {
    const world = await World.open();
    const claims = { idempotencyKey: 'order-1' };
    expect((await submit(world, { claims: { ...claims, subject: 'submitter-2' } })).outcome).toBe('exported');
    expect((await submit(world, { claims })).outcome).toBe('exported');
  });

  it('[B07] resumes the run that holds the key: its own retry is no duplicate', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: GOOD });
    world.faults.plan = ({ name }) => (name === 'ledger.grants' ? 'before' : undefined);
    expect((await execute(world, upload, { retries: 0 })).sealed?.outcome).toBe('failed');
    expect(world.idempotency.items.size).toBe(1);
    world.faults.plan = () => undefined;
    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
  });
});

describe('reconciliation, of records', () => {
  it('[B08] has no way to write the ledger', () => {
    // The port's methods, each typed as what it is: there is none that writes.
    const methods: Record<keyof Ledger, 'reads'> = { grantors: 'reads', grants: 'reads' };
    expect(Object.keys(methods)).toEqual(['grantors', 'grants']);
  });

  it.each([
    ['unknown-grant', 'grant-unknown'],
    ['unknown-grantor', 'grantor-unknown'],
    ['other-grantor', 'grantor-mismatch'],
    ['other-ein', 'ein-mismatch'],
    ['outside-the-grant', 'fiscal-year-out-of-bounds'],
  ])('[B10] turns away a record with %s as %s', async (kind, code) => {
    const { text, records } = sample({ records: 10, faults: 0.5, kinds: [kind] });
    const { ending, outcome } = await submit(await World.open(), { body: text });
    expect(outcome).toBe('partly-exported');
    expect(ending.quarantined).toEqual(
      records.flatMap(({ fault }, index) => (fault === undefined ? [] : [{ record: index + 1, code }])),
    );
  });

  it('reads each id of the ledger once, however many chunks name it', async () => {
    const world = await World.open();
    world.chunkRecords = 100;
    const asked: string[] = [];
    const grants = world.ledger.grants.bind(world.ledger);
    world.ledger.grants = (ids) => {
      asked.push(...ids);
      return grants(ids);
    };
    await submit(world, { body: sample({ records: 1_000 }).text });
    expect(asked.length).toBe(new Set(asked).size);
  });

  it('does not believe a chunk that has been changed, nor a manifest', async () => {
    for (const part of ['.ndjson', 'manifest.json']) {
      const world = await World.open();
      const { working } = world.buckets;
      const put = working.put.bind(working);
      working.put = (key, bytes, options) => {
        const altered = key.endsWith(part)
          ? Buffer.from(Buffer.from(bytes).toString().replace(/USD/, 'EUR').replace(/"run"/, ' "run"'))
          : bytes;
        return put(key, altered, options);
      };
      const upload = await world.upload({ body: GOOD });
      const { sealed, history } = await execute(world, upload, { retries: 0 });
      expect(sealed?.outcome).toBe('failed');
      expect(history).toContainEqual(expect.objectContaining({ error: 'evidence-invalid' }));
    }
  });
});
