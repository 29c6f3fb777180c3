import { expect, it } from 'vitest';
import type { Lease, RunStore } from '../../shared/ports.ts';

export interface RunStores {
  readonly store: RunStore;
  /** A run that no other case uses. */
  readonly run: string;
}

const STARTED = '2026-11-22T10:00:00.000Z';
const lease = (execution: string, now: number): Lease => ({ execution, now, until: now + 100 });
const ENDING = {
  outcome: 'exported',
  counts: { received: 3, exported: 3, quarantined: 0 },
  seal: { key: 'seals/x', generation: 1, treeSize: 9 },
} as const;

/** What every RunStore promises: of two executions exactly one holds a run. */
export function runStoreCases(open: () => Promise<RunStores>): void {
  it('gives a new run to whoever claims it first', async () => {
    const { store, run } = await open();
    expect(await store.read(run)).toBeUndefined();
    expect(await store.claim(run, 'ingestion', lease('one', 1_000), STARTED)).toMatchObject({
      run,
      execution: 'one',
      leaseUntil: 1_100,
      state: 'running',
      attempts: { ingestion: 1 },
      startedAt: STARTED,
    });
    expect(await store.claim(run, 'ingestion', lease('two', 1_050), STARTED)).toBeUndefined();
    expect(await store.read(run)).toMatchObject({ execution: 'one' });
  });

  it('gives one of many simultaneous claims the run', async () => {
    const { store, run } = await open();
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.claim(run, 'ingestion', lease(`e${index}`, 1_000), STARTED)),
    );
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('lets the holder claim again, and counts the attempt', async () => {
    const { store, run } = await open();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    const again = await store.claim(run, 'ingestion', lease('one', 1_010), '2026-11-22T11:00:00.000Z');
    expect(again).toMatchObject({ attempts: { ingestion: 2 }, startedAt: STARTED, leaseUntil: 1_110 });
  });

  it('lets another take over a lease that has expired, and not a second before', async () => {
    const { store, run } = await open();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    expect(await store.claim(run, 'ingestion', lease('two', 1_100), STARTED)).toBeUndefined();
    expect(await store.claim(run, 'ingestion', lease('two', 1_101), STARTED)).toMatchObject({ execution: 'two' });
    expect(await store.renew(run, 'processing', lease('one', 1_102))).toBeUndefined();
  });

  it('renews for the holder alone, counting per stage', async () => {
    const { store, run } = await open();
    expect(await store.renew(run, 'processing', lease('one', 1_000))).toBeUndefined();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    expect(await store.renew(run, 'processing', lease('one', 5_000))).toMatchObject({
      leaseUntil: 5_100,
      attempts: { ingestion: 1, processing: 1 },
    });
    expect(await store.renew(run, 'processing', lease('two', 5_000))).toBeUndefined();
  });

  it('[B04] pins once, so that every attempt tokenises alike', async () => {
    const { store, run } = await open();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    const pins = { saltVersion: '1', contractVersion: 4 };
    expect(await store.pin(run, 'one', pins)).toEqual(pins);
    expect(await store.pin(run, 'one', { saltVersion: '2', contractVersion: 5 })).toEqual(pins);
    expect(await store.read(run)).toMatchObject({ pinned: pins });
    await expect(store.pin(run, 'two', pins)).rejects.toMatchObject({ code: 'run-busy' });
  });

  it('records an end once and for all, unless it is a failure', async () => {
    const { store, run } = await open();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    await store.seal(run, 'one', ENDING);
    await store.seal(run, 'one', ENDING);
    expect(await store.read(run)).toMatchObject({ state: 'sealed', ...ENDING });
    expect(await store.claim(run, 'ingestion', lease('two', 9_000), STARTED)).toBeUndefined();
    expect(await store.renew(run, 'seal', lease('one', 9_000))).toBeUndefined();
  });

  it('lets a failed run be resumed, by its own execution or by another', async () => {
    const { store, run } = await open();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    await store.seal(run, 'one', { ...ENDING, outcome: 'failed' });
    expect(await store.renew(run, 'processing', lease('one', 1_010))).toMatchObject({ state: 'running' });
    await store.seal(run, 'one', { ...ENDING, outcome: 'failed', seal: { ...ENDING.seal, generation: 2 } });
    expect(await store.claim(run, 'ingestion', lease('two', 1_020), STARTED)).toMatchObject({
      execution: 'two',
      state: 'running',
      seal: { generation: 2 },
    });
  });

  it('refuses an end by whoever does not hold the run, and one that goes back a generation', async () => {
    const { store, run } = await open();
    await store.claim(run, 'ingestion', lease('one', 1_000), STARTED);
    await expect(store.seal(run, 'two', ENDING)).rejects.toMatchObject({ code: 'run-busy' });
    await store.seal(run, 'one', { ...ENDING, seal: { ...ENDING.seal, generation: 2 } });
    await expect(store.seal(run, 'one', ENDING)).rejects.toMatchObject({ code: 'run-busy' });
  });
}
