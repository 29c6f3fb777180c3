import { describe, expect, it } from 'vitest';
import { exportRecords } from '../../../functions/submission/egress/egress.ts';
import { ingest } from '../../../functions/submission/ingestion/ingestion.ts';
import { processRecords } from '../../../functions/submission/processing/processing.ts';
import { reconcile } from '../../../functions/submission/reconciliation/reconciliation.ts';
import type { StageRequest } from '../../../shared/messages.ts';
import { runIdOf } from '../../../shared/run-id.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { endingOf } from './invariants.ts';

const BODY = sample({ records: 30, faults: 0.2 }).text;
const OTHER = `${EXECUTION}-other`;

describe('the lease on a run', () => {
  it('lets no stage go on for an execution that has lost it', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: BODY });
    const { run, manifest } = await ingest({ execution: EXECUTION, upload }, world.ingestion);
    if (manifest === undefined) throw new Error('nothing passed');
    // The first execution is silent for so long that a second one takes over.
    world.nowMs += 3_600_000;
    await ingest({ execution: OTHER, upload }, world.ingestion);
    const request: StageRequest = { execution: EXECUTION, run, manifest };
    const before = world.faults.calls.length;
    for (const result of [
      await reconcile(request, world.reconciliation),
      await processRecords(request, world.processing),
      await exportRecords(request, world.egress),
    ]) {
      expect(result).toMatchObject({ outcome: 'settled', run });
    }
    expect(new Set(world.faults.calls.slice(before))).toEqual(new Set(['runs.renew']));
  });

  it('takes nothing from a stage that comes late: what is committed stands, whoever committed it', async () => {
    const world = await World.open();
    world.chunkRecords = 10;
    const upload = await world.upload({ body: BODY });
    // The first execution stops at its second commit, holding on to what it has prepared.
    const { audit } = world.buckets;
    const create = audit.create.bind(audit);
    let commits = 0;
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    audit.create = async (key, bytes, options) => {
      commits += 1;
      if (commits === 2) await held;
      return create(key, bytes, options);
    };
    const late = ingest({ execution: EXECUTION, upload }, world.ingestion);
    while (commits < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const run = world.runs.items.get(runIdOf(upload));
    if (run !== undefined) world.runs.items.set(run.run, { ...run, leaseUntil: 0 });
    const { sealed } = await execute(world, upload, { execution: OTHER });
    const ending = await endingOf(world, runIdOf(upload));
    expect(sealed?.outcome).toBe('partly-exported');

    goOn();
    // It finds the commits of the other, adopts them, and answers with the end that holds.
    expect(await late).toMatchObject({ outcome: 'passed', counts: { received: 30 } });
    expect(await endingOf(world, runIdOf(upload))).toEqual(ending);
  });

  it('[B14] leaves no key in memory: every data key is zero when a stage is done', async () => {
    const world = await World.open();
    const keys: Uint8Array[] = [];
    for (const service of [world.vaultKey, world.quarantineKey]) {
      const generate = service.generate.bind(service);
      const open = service.open.bind(service);
      service.generate = async (context) => {
        const made = await generate(context);
        keys.push(made.plaintext);
        return made;
      };
      service.open = async (...of) => {
        const opened = await open(...of);
        keys.push(opened);
        return opened;
      };
    }
    const upload = await world.upload({ body: BODY });
    await execute(world, upload);
    expect(keys.length).toBe(3);
    for (const key of keys) expect(key.every((byte) => byte === 0)).toBe(true);
  });
});
