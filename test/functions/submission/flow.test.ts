import { describe, expect, it } from 'vitest';
import { runIdOf } from '../../../shared/run-id.ts';
import { MEDIA_TYPE_OF, SAMPLE_FORMATS } from '../../../shared/sample/write.ts';
import { EXECUTION, execute } from '../../support/memory/execution.ts';
import { entriesOfRun, verifyRun } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { endingOf } from './invariants.ts';

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
    expect(await verifyRun(world, runIdOf(upload))).toMatchObject({
      outcome: 'exported',
      generation: 1,
      counts: { received: 120, exported: 120, quarantined: 0 },
    });
    expect(world.buckets.landing.keys()).toEqual([]);
  });

  it.each(SAMPLE_FORMATS)('[B06] is the same whether it comes as %s or as ndjson', async (format) => {
    const [asFormat, asNdjson] = await Promise.all(
      [format, 'ndjson' as const].map(async (each) => {
        const world = await World.open();
        // Kinds that every format can carry, and that say the same of a record in each.
        const kinds = ['unassigned-ein', 'no-address', 'no-such-day', 'unknown-grant', 'foreign-currency'];
        const { text } = sample({ records: 60, format: each, faults: 0.3, kinds });
        const upload = await world.upload({ key: `in/grants.${each}`, body: text, contentType: MEDIA_TYPE_OF[each] });
        expect((await execute(world, upload)).status).toBe('SUCCEEDED');
        return endingOf(world, runIdOf(upload));
      }),
    );
    expect(asFormat).toEqual(asNdjson);
  });

  it('gives the same exports and the same problems in two fresh states', async () => {
    const { text } = sample({ records: 90, faults: 0.4 });
    const endings = [];
    for (const chunkRecords of [20, 20]) {
      const world = await World.open();
      world.chunkRecords = chunkRecords;
      // Another time of day, another key, another version: none of it may show.
      world.nowMs += endings.length * 86_400_000;
      const upload = await world.upload({ key: `in/${endings.length}.ndjson`, body: text });
      expect((await execute(world, upload)).sealed?.outcome).toBe('partly-exported');
      endings.push(await endingOf(world, runIdOf(upload)));
    }
    expect(endings[0]).toEqual(endings[1]);
  });

  it('[B03] turns faulty records away one by one, each with its code, at the boundary that finds it', async () => {
    const world = await World.open();
    const { text, records } = sample({ records: 100, faults: 0.5 });
    const upload = await world.upload({ body: text });
    const { sealed } = await execute(world, upload);
    const { exported, quarantined } = await endingOf(world, runIdOf(upload));
    const expected = records.flatMap(({ fault }, index) =>
      fault === undefined ? [] : [{ record: index + 1, code: fault.code }],
    );
    expect(quarantined.toSorted((left, right) => left.record - right.record)).toEqual(expected);
    expect(exported).toHaveLength(100 - expected.length);
    expect(sealed).toMatchObject({ counts: { received: 100, quarantined: expected.length } });
  });

  it('[B05] leaves an entry for every record, chunk, stage and run, and none twice', async () => {
    const world = await World.open();
    world.chunkRecords = 10;
    const upload = await world.upload({ body: sample({ records: 30 }).text });
    await execute(world, upload);
    const actions = Object.groupBy(entriesOfRun(world, runIdOf(upload)), ({ action }) => action);
    expect(Object.entries(actions).map(([action, entries]) => [action, entries?.length])).toEqual([
      ['chunk.committed', 12],
      ['submission.accepted', 2],
      ['stage.ended', 4],
      ['record.exported', 30],
      ['run.ended', 1],
    ]);
  });

  it('does nothing at a second delivery while the first is under way, nor after it', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: sample({ records: 20 }).text });
    const lease = {
      execution: EXECUTION,
      now: Math.floor(world.nowMs / 1_000),
      until: Math.floor(world.nowMs / 1_000) + 60,
    };
    await world.runs.claim(runIdOf(upload), 'ingestion', lease, new Date(world.nowMs).toISOString());
    const during = await execute(world, upload, { execution: `${EXECUTION}-2` });
    expect(during.stages.map(({ outcome }) => outcome)).toEqual(['settled']);
    expect(during.sealed).toBeUndefined();

    expect((await execute(world, upload)).sealed?.outcome).toBe('exported');
    const before = [...world.buckets.audit.versions.keys()];
    const after = await execute(world, upload, { execution: `${EXECUTION}-2` });
    expect(after.stages.map(({ outcome }) => outcome)).toEqual(['settled']);
    expect([...world.buckets.audit.versions.keys()]).toEqual(before);
  });

  it('goes on from a cursor when the deadline comes near, and comes to the same end', async () => {
    const { text } = sample({ records: 50, faults: 0.2 });
    const [straight, interrupted] = [await World.open(), await World.open()];
    const endings = [];
    for (const world of [straight, interrupted]) {
      world.chunkRecords = 10;
      // Every second look at the clock says that time is up.
      if (world === interrupted)
        world.remaining = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 1_000 : 900_000));
      const upload = await world.upload({ body: text });
      const { stages, status } = await execute(world, upload);
      expect(status).toBe('SUCCEEDED');
      expect(stages.some(({ outcome }) => outcome === 'continued')).toBe(world === interrupted);
      endings.push(await endingOf(world, runIdOf(upload)));
    }
    expect(endings[0]).toEqual(endings[1]);
  });

  it('calls stores and keys per chunk, not per record', async () => {
    const counted = async (records: number): Promise<Map<string, number>> => {
      const world = await World.open();
      // Two chunks either way.
      world.chunkRecords = records / 2;
      const upload = await world.upload({ body: sample({ records, faults: 0.3 }).text });
      await execute(world, upload);
      return new Map(
        Object.entries(Object.groupBy(world.faults.calls, (name) => name)).map(([name, all]) => [
          name,
          all?.length ?? 0,
        ]),
      );
    };
    expect(await counted(1_200)).toEqual(await counted(600));
  });

  it('[B13] links every boundary to the one before', async () => {
    const world = await World.open();
    const upload = await world.upload({ body: sample({ records: 10 }).text });
    await execute(world, upload);
    const links = entriesOfRun(world, runIdOf(upload)).flatMap((entry) =>
      entry.action === 'stage.ended' && entry.transition !== undefined ? [entry.transition] : [],
    );
    expect(links.map(({ stage }) => stage)).toEqual(['ingestion', 'reconciliation', 'processing', 'egress']);
    for (const [index, link] of links.entries()) {
      expect(link.previous).toBe(index === 0 ? '0'.repeat(64) : links[index - 1]?.hash);
    }
    // The contract judged everywhere, the pack where it ran.
    expect(links.map(({ rules }) => rules.length)).toEqual([1, 1, 2, 1]);
  });
});
