import { expect, it } from 'vitest';
import {
  beginSweep,
  closeBreaker,
  concludeSweep,
  type GateListing,
  type GateStore,
  tripBreaker,
} from '../../functions/sweep/protocol/gate.ts';
import type { OpenTrip, Ticket } from '../../shared/verdict/gate.ts';
import { isOpen } from '../../shared/verdict/is-open.ts';
import { closingOf, NOW, sweepId, verdictLike } from '../support/sweep/gate.ts';

export interface OpenedGates {
  readonly store: GateStore & GateListing;
  /** Of no other case. */
  readonly dataset: string;
}

export function gateStoreCases(open: () => Promise<OpenedGates>): void {
  let epochs = 0;
  const newEpoch = (): string => `epoch-${++epochs}`;
  const begin = async ({ store, dataset }: OpenedGates): Promise<Ticket> => {
    const beginning = await beginSweep(store, dataset, newEpoch);
    if (!beginning.may) throw new Error('the breaker is open');
    return beginning.ticket;
  };
  const answerOf = async ({ store, dataset }: OpenedGates) => isOpen((await store.read(dataset))?.gate, NOW);
  const trip = (ordinal: number): OpenTrip => ({
    cause: 'drift',
    seen: 9,
    allowed: 5,
    sweep: sweepId(ordinal),
    since: new Date(NOW).toISOString(),
  });

  it('holds nothing of a dataset that was never swept: its gate is closed', async () => {
    const gates = await open();
    expect(await gates.store.read(gates.dataset)).toBeUndefined();
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'never-swept' });
    expect(await gates.store.closings(gates.dataset, [sweepId(1)])).toEqual([]);
    expect(await gates.store.closings(gates.dataset, [])).toEqual([]);
  });

  it('[S13] writes only over what was read: of two at once, one', async () => {
    const { store, dataset } = await open();
    const gate = { dataset, epoch: 'e', begun: 1, trips: [], settled: [] };
    const made = await Promise.all([store.write(gate, 0), store.write({ ...gate, begun: 2 }, 0)]);
    expect(made.toSorted()).toEqual([false, true]);
    const held = await store.read(dataset);
    if (held === undefined) throw new Error('nothing was written');
    expect(await store.write({ ...gate, begun: 3 }, held.revision)).toBe(true);
    expect(await store.write({ ...gate, begun: 4 }, held.revision)).toBe(false);
    expect(await store.write({ ...gate, begun: 5 }, 0)).toBe(false);
    expect((await store.read(dataset))?.gate).toEqual({ ...gate, begun: 3 });
  });

  it('[S17] opens the gate by EQUAL, and closes it by every other verdict that is newer', async () => {
    const gates = await open();
    const { store, dataset } = gates;
    await concludeSweep(store, await begin(gates), verdictLike(dataset, 1, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: true, verdict: { sweep: sweepId(1), verdict: 'EQUAL' } });
    await concludeSweep(store, await begin(gates), verdictLike(dataset, 2, 'INCONCLUSIVE'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'inconclusive' });
    await concludeSweep(store, await begin(gates), verdictLike(dataset, 3, 'DIVERGED'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'diverged' });
    expect((await store.list()).map((gate) => gate.dataset)).toContain(dataset);
  });

  it('[S17] keeps the verdict of the sweep that began last, whichever ends last', async () => {
    const gates = await open();
    const { store, dataset } = gates;
    const [older, newer] = [await begin(gates), await begin(gates)];
    await concludeSweep(store, newer, verdictLike(dataset, 2, 'DIVERGED'), 'sealed');
    await concludeSweep(store, older, verdictLike(dataset, 1, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'diverged' });
  });

  it('[S17] closes by DIVERGED of a sweep that began before the EQUAL and ended after it, until the next one is EQUAL', async () => {
    const gates = await open();
    const { store, dataset } = gates;
    const [long, short] = [await begin(gates), await begin(gates)];
    await concludeSweep(store, short, verdictLike(dataset, 2, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: true });
    const diverged = verdictLike(dataset, 1, 'DIVERGED');
    await concludeSweep(store, long, diverged, 'found');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'diverged', verdict: { sweep: sweepId(1) } });
    await concludeSweep(store, short, verdictLike(dataset, 2, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'diverged' });
    await concludeSweep(store, await begin(gates), verdictLike(dataset, 3, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: true, verdict: { sweep: sweepId(3) } });
    // Sealed only now, or delivered twice.
    await concludeSweep(store, long, diverged, 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: true, verdict: { sweep: sweepId(3) } });
  });

  it('[S13] begins no sweep while the breaker is open, and none closes it: only who settles the trip', async () => {
    const gates = await open();
    const { store, dataset } = gates;
    const [tripping, other] = [await begin(gates), await begin(gates)];
    await concludeSweep(
      store,
      tripping,
      verdictLike(dataset, 1, 'DIVERGED', { cause: 'drift', seen: 9, allowed: 5 }),
      'sealed',
    );
    await concludeSweep(store, other, verdictLike(dataset, 2, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'tripped', trips: [{ seen: 9, allowed: 5 }] });
    const refused = await beginSweep(store, dataset, newEpoch);
    expect(refused).toMatchObject({ may: false, trips: [{ sweep: sweepId(1), cause: 'drift' }] });
    if (refused.may) return;
    const closings = refused.trips.map((each) => closingOf(dataset, each));
    expect(await closeBreaker(store, closings)).toEqual({ before: [] });
    // Closed is not opened: what was EQUAL before the person looked opens nothing.
    expect(await answerOf(gates)).toMatchObject({ open: false });
    // A sweep that begins and never ends seals nothing: the next one still has the closing to seal.
    expect(await beginSweep(store, dataset, newEpoch)).toMatchObject({ may: true, closings });
    const again = await beginSweep(store, dataset, newEpoch);
    expect(again).toMatchObject({ may: true, closings });
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'never-swept' });
    await concludeSweep(store, other, verdictLike(dataset, 2, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'never-swept' });
    if (!again.may) return;
    await concludeSweep(store, again.ticket, verdictLike(dataset, 3, 'DIVERGED'), 'found');
    // Nor does one that has its verdict and is never sealed.
    const last = await beginSweep(store, dataset, newEpoch);
    expect(last).toMatchObject({ may: true, closings });
    if (last.may) await concludeSweep(store, last.ticket, verdictLike(dataset, 4, 'EQUAL'), 'sealed');
    expect(await answerOf(gates)).toMatchObject({ open: true });
    expect(await beginSweep(store, dataset, newEpoch)).toMatchObject({ may: true, closings: [] });
  });

  it('settles a trip once: a second closing changes nothing, and the trip does not come back when it is told again', async () => {
    const gates = await open();
    const { store, dataset } = gates;
    const ticket = await begin(gates);
    await tripBreaker(store, dataset, trip(1));
    const closing = closingOf(dataset, trip(1));
    expect(await closeBreaker(store, [closing])).toEqual({ before: [] });
    const second = { ...closing, by: 'somebody else', reason: 'another' };
    expect(await closeBreaker(store, [second])).toEqual({ before: [second] });
    expect(await store.closings(dataset, [sweepId(1), sweepId(1), sweepId(2)])).toEqual([closing]);
    await begin(gates);
    await tripBreaker(store, dataset, trip(1));
    await concludeSweep(store, ticket, verdictLike(dataset, 1, 'INCONCLUSIVE', { cause: 'drift' }), 'sealed');
    expect((await store.read(dataset))?.gate.trips).toEqual([]);
    await tripBreaker(store, dataset, trip(2));
    expect(await beginSweep(store, dataset, newEpoch)).toMatchObject({ may: false, trips: [trip(2)] });
  });

  it('[S13] loses no trip of sweeps that trip at the same time', async () => {
    const { store, dataset } = await open();
    await Promise.all([1, 2, 3, 4].map((ordinal) => tripBreaker(store, dataset, trip(ordinal))));
    expect((await store.read(dataset))?.gate.trips.map(({ sweep }) => sweep)).toEqual([1, 2, 3, 4].map(sweepId));
    await closeBreaker(
      store,
      [1, 2, 3].map((ordinal) => closingOf(dataset, trip(ordinal))),
    );
    expect(await beginSweep(store, dataset, newEpoch)).toMatchObject({ may: false, trips: [trip(4)] });
  });

  it('gives every sweep a number of its own, also when they begin at once', async () => {
    const gates = await open();
    const tickets = await Promise.all(Array.from({ length: 6 }, () => begin(gates)));
    expect(tickets.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(tickets.map(({ epoch }) => epoch)).size).toBe(1);
  });
}
