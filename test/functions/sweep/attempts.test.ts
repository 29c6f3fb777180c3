import { describe, expect, it } from 'vitest';
import { HashWorker } from '../../../cli/sweep/hash-worker.ts';
import { localKeys, random } from '../../../cli/sweep/local-keys.ts';
import { compare } from '../../../functions/sweep/compare/compare.ts';
import { hash } from '../../../functions/sweep/hash/hash.ts';
import { newSweepId, plan } from '../../../functions/sweep/plan/plan.ts';
import { openSweepKeys } from '../../../functions/sweep/protocol/keys.ts';
import type { SweepStore } from '../../../functions/sweep/protocol/ports.ts';
import { tasksOf } from '../../../functions/sweep/protocol/tasks.ts';
import { createMasks } from '../../../shared/equivalence/mask.ts';
import { relationOf } from '../../../shared/equivalence/relation.ts';
import { memoryStore, openTables, portsOf, requestOf } from '../../support/sweep/run.ts';
import { frozenThings, tables, things } from '../../support/sweep/things.ts';

const contract = frozenThings();

/** A planned sweep whose partitions a test hashes as it likes. */
async function planned(store: SweepStore = memoryStore()) {
  const both = tables(
    things(500),
    things(500, (row, id) => (id === 77 ? { ...row, name: 'x' } : row)),
  );
  const open = openTables(both);
  const keys = localKeys(random(32));
  const ports = portsOf(open, { store, keys });
  const result = await plan({ ...(await requestOf(contract)), sweep: newSweepId() }, { ...ports, random });
  if (!result.ready) throw new Error('It was not planned.');
  const { manifest } = result;
  const worker = () => new HashWorker({ contract, open, store, keys, clock: ports.clock });
  const verdict = async () => {
    const { outcome, coverage } = await compare(manifest, contract.breaker, ports);
    return { counts: outcome?.counts, differing: outcome?.items.length, complete: outcome?.complete, coverage };
  };
  return { manifest, worker, verdict, ports, keys, open, store };
}

const EXPECTED = {
  counts: { source: 500, target: 500 },
  differing: 2,
  complete: true,
  coverage: {
    source: { partitions: 4, covered: 4, rows: 500, unread: [] },
    target: { partitions: 4, covered: 4, rows: 500, unread: [] },
  },
};

describe('[S05] [S20] partitions', () => {
  it('count once when two workers hash them at the same time', async () => {
    const { manifest, worker, verdict } = await planned();
    const tasks = tasksOf(manifest);
    await Promise.all(
      [worker(), worker()].map(async (one) => {
        for (const task of tasks) await one.run(task, () => {});
      }),
    );
    expect(await verdict()).toEqual(EXPECTED);
  });

  it('count once when they are hashed again later, in another order', async () => {
    const { manifest, worker, verdict } = await planned();
    const tasks = tasksOf(manifest);
    for (const task of [...tasks, ...tasks.toReversed()]) await worker().run(task, () => {});
    expect(await verdict()).toEqual(EXPECTED);
  });

  it('are read from the beginning after an attempt that died, which left nothing', async () => {
    const { manifest, worker, verdict } = await planned();
    const [first, ...others] = tasksOf(manifest);
    if (first === undefined) throw new Error('unreachable');
    const dying = worker().run(first, () => {
      throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    for (const task of [first, ...others]) await worker().run(task, () => {});
    expect(await verdict()).toEqual(EXPECTED);
  });

  it('are not compared while one is missing', async () => {
    const { manifest, worker, verdict } = await planned();
    for (const task of tasksOf(manifest).slice(1)) await worker().run(task, () => {});
    expect(await verdict()).toMatchObject({
      counts: undefined,
      coverage: { source: { covered: 3, unread: [0] }, target: { covered: 4 } },
    });
  });

  it('go on in another attempt where time was up, and count the committed stretches whoever repeats them', async () => {
    const { manifest, worker, verdict, keys, open, store, ports } = await planned();
    const sweepKeys = await openSweepKeys(manifest, keys);
    const run = async (side: 'source' | 'target', partition: number, steps: number) => {
      const engine = await open(side, contract[side], { share: manifest[side].share ?? null });
      const reader = await engine.read(relationOf(contract, side), createMasks(sweepKeys.mask));
      let left = steps;
      return hash({ side, partition }, manifest, {
        reader,
        keyColumns: 1,
        keys: sweepKeys,
        store,
        clock: ports.clock,
        deadline: { remaining: () => (left-- > 0 ? 60_000 : 0) },
        watch: () => {},
      });
    };
    // Partitions of 125 rows come in two steps: the first attempt has time for one.
    expect(await run('source', 0, 1)).toBe('continued');
    expect(await verdict()).toMatchObject({
      counts: undefined,
      coverage: { source: { rows: 100, unread: [0, 1, 2, 3] } },
    });
    // A slower twin of the first attempt has time for more, and adopts what was committed.
    expect(await run('source', 0, 99)).toBe('done');
    expect(await run('source', 0, 99)).toBe('done');
    for (const task of tasksOf(manifest)) await worker().run(task, () => {});
    expect(await verdict()).toEqual(EXPECTED);
  });

  it('[S08] have results of one size, whatever the rows', async () => {
    const { manifest, worker, store } = await planned();
    for (const task of tasksOf(manifest)) await worker().run(task, () => {});
    const sizes = await Promise.all(
      tasksOf(manifest).map(
        async ({ side, partition }) => (await store.read(`results/${side}/${partition}/0`))?.length,
      ),
    );
    expect(new Set(sizes).size).toBe(1);
  });
});
