import { describe, expect, it } from 'vitest';
import { execute } from '../../support/memory/execution.ts';
import { entriesOfRun, exportsOf, verifyRun } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';

describe('a submission', () => {
  it('[B16] goes through the four boundaries to exports and a seal that verifies', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: sample({ records: 120 }).text });
    const { stages, sealed, status } = await execute(world, upload);
    expect(status).toBe('SUCCEEDED');
    expect(stages.map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['ingestion', 'passed'],
      ['reconciliation', 'passed'],
      ['processing', 'passed'],
      ['egress', 'passed'],
    ]);
    expect(sealed).toMatchObject({ outcome: 'exported', counts: { received: 120, passed: 120, quarantined: 0 } });
    const run = sealed?.run ?? '';
    const report = await verifyRun(world, run);
    expect(report).toMatchObject({ outcome: 'exported', counts: { received: 120, exported: 120, quarantined: 0 } });
    expect(entriesOfRun(world, run).filter(({ action }) => action === 'record.exported')).toHaveLength(120);
    expect(exportsOf(world, run).size).toBeGreaterThan(6);
    expect(world.buckets.landing.keys()).toEqual([]);
  });
});
