import { describe, expect, it } from 'vitest';
import { seal } from '../../../functions/submission/seal/seal.ts';
import { verifySeal } from '../../../shared/audit/verify-seal.ts';
import { KEYS } from '../../../shared/names.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import { close, EXECUTION, execute } from '../../support/memory/execution.ts';
import { entriesOfRun, verifyRun } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { endingOf } from './invariants.ts';

const BODY = sample({ records: 20, faults: 0.2 }).text;

/** A run that fails at this call of this stage for good. */
async function failing(
  call: string,
): Promise<{ world: World; upload: Awaited<ReturnType<World['upload']>>; run: string }> {
  const world = await World.open();
  world.chunkRecords = 5;
  const upload = await world.upload({ body: BODY });
  world.faults.plan = ({ name }) => (name === call ? 'before' : undefined);
  await execute(world, upload, { retries: 0 });
  world.faults.plan = () => undefined;
  return { world, upload, run: runIdOf(upload) };
}

describe('the seal', () => {
  it('[B16] seals a failure as what it is, with what had been done, and leaves the upload', async () => {
    const { world, upload, run } = await failing('rulePacks.find');
    const report = await verifyRun(world, run);
    expect(report).toMatchObject({ outcome: 'failed', generation: 1, counts: { received: 20, exported: 0 } });
    expect(world.runs.items.get(run)).toMatchObject({ state: 'sealed', outcome: 'failed' });
    expect(world.buckets.landing.keys()).toEqual([upload.key]);
  });

  it('[B16] seals a run that failed before anything could claim it', async () => {
    const { world, run } = await failing('runs.claim');
    const upload = await world.upload({ body: BODY });
    expect(await close(world, upload, 'timed-out')).toMatchObject({
      outcome: 'failed',
      seal: { generation: 1, treeSize: 1 },
    });
    expect((await verifyRun(world, runIdOf(upload))).outcome).toBe('failed');
    expect(run).not.toBe(runIdOf(upload));
  });

  it('[B16] begins the tree of a second generation with that of the first', async () => {
    const { world, upload, run } = await failing('rulePacks.find');
    const { sealed } = await execute(world, upload, { execution: `${EXECUTION}-2` });
    expect(sealed).toMatchObject({ outcome: 'partly-exported', seal: { generation: 2 } });
    await endingOf(world, run);
    const { audit } = world.buckets;
    const [first, second] = [1, 2].map((generation) => JSON.parse(audit.text(KEYS.sealDocument(run, generation))));
    expect(second.previous).toEqual(first.tree);
    expect(second.segments.slice(0, first.segments.length)).toEqual(first.segments);
    // The first still verifies, for whoever kept it.
    const report = await verifySeal({
      checkpoint: audit.text(KEYS.checkpoint(run, 1)),
      document: audit.text(KEYS.sealDocument(run, 1)),
      key: world.verifierKey,
      segment: async ({ key, versionId }) => (await audit.get(key, { maxBytes: 1_000_000, versionId }))?.bytes,
    });
    expect(report.outcome).toBe('failed');
  });

  it.each(['failed', 'timed-out', 'aborted'] as const)(
    'does nothing when the rule on %s comes after the flow has sealed',
    async (ending) => {
      const { world, upload, run } = await failing('rulePacks.find');
      const before = world.buckets.audit.keys();
      expect(await close(world, upload, ending)).toMatchObject({ outcome: 'failed', seal: { generation: 1 } });
      expect(world.buckets.audit.keys()).toEqual(before);
      expect(world.runs.items.get(run)?.state).toBe('sealed');
    },
  );

  it('seals what no catch could: an execution that was aborted between two stages', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: BODY });
    world.faults.plan = ({ name }) => (name === 'runs.renew' || name === 'runs.read' ? 'before' : undefined);
    await execute(world, upload, { retries: 0 });
    world.faults.plan = () => undefined;
    expect(world.buckets.audit.keys(KEYS.sealPrefix(runIdOf(upload)))).toEqual([]);
    expect(await close(world, upload, 'aborted')).toMatchObject({ outcome: 'failed', seal: { generation: 1 } });
    expect(entriesOfRun(world, runIdOf(upload)).at(-1)).toMatchObject({ action: 'run.ended', ending: 'aborted' });
  });

  it('does nothing to a run that another execution holds', async () => {
    const { world, upload, run } = await failing('rulePacks.find');
    const now = Math.floor(world.nowMs / 1_000);
    await world.runs.claim(run, 'ingestion', { execution: `${EXECUTION}-2`, now, until: now + 600 }, 'x');
    const before = world.buckets.audit.keys();
    await close(world, upload, 'failed');
    expect(world.buckets.audit.keys()).toEqual(before);
    expect(world.runs.items.get(run)).toMatchObject({ execution: `${EXECUTION}-2`, state: 'running' });
  });

  it('does nothing when it is asked again, and deletes the upload if it had not come to that', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: BODY });
    world.faults.plan = ({ name }) => (name === 'landing.deleteVersion' ? 'before' : undefined);
    await execute(world, upload, { retries: 0 });
    world.faults.plan = () => undefined;
    expect(world.buckets.landing.keys()).toEqual([upload.key]);
    const before = world.buckets.audit.keys();
    expect(await close(world, upload, 'failed')).toMatchObject({ outcome: 'partly-exported' });
    expect(world.buckets.audit.keys()).toEqual(before);
    expect(world.buckets.landing.keys()).toEqual([]);
  });

  it('[B16] seals no run of which an entry has been changed since', async () => {
    const { world, upload, run } = await failing('rulePacks.find');
    const key = world.buckets.audit.keys(`entries/${run}/10-ingestion/`)[0] ?? '';
    const text = world.buckets.audit.text(key);
    // Object Lock forbids it; if it happened all the same, a newer version would hide the old one.
    await world.buckets.audit.put(key, Buffer.from(text.replaceAll('field-missing', 'field-unknown')), {
      contentType: 'x',
    });
    const { sealed } = await execute(world, upload, { execution: `${EXECUTION}-2`, retries: 0 });
    // The seal reads by version, and so the sealed entry; nothing is hidden from it.
    expect(sealed).toMatchObject({ outcome: 'partly-exported', seal: { generation: 2 } });
    await verifyRun(world, run);
  });

  it('refuses a request that names one run and the upload of another', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: BODY });
    const request = { execution: EXECUTION, run: '0'.repeat(32), upload, ending: 'completed' } as const;
    await expect(seal(request, world.seal)).rejects.toMatchObject({ code: 'configuration-invalid' });
    const custody = { run: runIdOf(upload), stage: 'egress', attempt: 'a'.repeat(16), chunk: 0 } as const;
    await expect(seal({ ...request, run: runIdOf(upload), custody }, world.seal)).rejects.toMatchObject({
      code: 'configuration-invalid',
    });
    await expect(seal({ execution: EXECUTION, ending: 'failed' }, world.seal)).rejects.toMatchObject({
      code: 'configuration-invalid',
    });
  });

  it('seals no completed run of which a record has no place', async () => {
    const world = await World.open();
    world.chunkRecords = 5;
    const upload = await world.upload({ body: BODY });
    const run = runIdOf(upload);
    const { audit } = world.buckets;
    const list = audit.list.bind(audit);
    // A log that lacks a chunk of the egress.
    audit.list = async function* (prefix) {
      for await (const each of list(prefix)) if (!each.key.endsWith('40-egress/000001.ndjson')) yield each;
    };
    const { sealed } = await execute(world, upload, { retries: 0 });
    expect(sealed).toBeUndefined();
    expect(audit.keys(KEYS.sealPrefix(run))).toEqual([]);
  });
});
