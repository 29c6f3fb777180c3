/**
 * Gate and breaker of the datasets. A sweep begins here, which an open breaker refuses, and what it found ends here; who consumes the data
 * asks here. The rules stand in shared/verdict; what is here makes them hold while several sweeps of a dataset run at once.
 */
import { Problem } from '../../../shared/problem.ts';
import { Transient } from '../../../shared/transient.ts';
import type { Trip } from '../../../shared/verdict/breaker.ts';
import {
  begun,
  type Closing,
  type Conclusion,
  type Gate,
  gateVerdict,
  type OpenTrip,
  openTrip,
  openTrips,
  recorded,
  type Ticket,
  tripped,
} from '../../../shared/verdict/gate.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';

export interface HeldGate {
  readonly gate: Gate;
  /** Another one after every change. */
  readonly revision: number;
}

/** Where the state lies. Reads see every write that came back before them. */
export interface GateStore {
  /**
   * Undefined where there is none. A state that was restored from a backup is told apart where that can be seen, and given as
   * `restored` of shared/verdict/gate.ts gives it, in a new epoch at each read.
   */
  read(dataset: string): Promise<HeldGate | undefined>;
  /**
   * Writes if the state is still as it was read (`revision` 0: if there is none). True: it is durable. False: nothing was written.
   * One conditional write of one item.
   */
  write(gate: Gate, revision: number): Promise<boolean>;
  /** Of these sweeps, those whose trip somebody has settled. */
  closings(dataset: string, sweeps: readonly string[]): Promise<readonly Closing[]>;
  /** True: it is durable. False: this trip has been settled before, and that closing stays as it is. Nobody who only sweeps may do this. */
  close(closing: Closing): Promise<boolean>;
}

/** What a person sees of all datasets. */
export interface GateListing {
  list(): Promise<readonly Gate[]>;
}

export type Beginning =
  /** `closings`: those that no sealed log names yet; this sweep's is to (report, as `closings` of its ending). */
  | { readonly may: true; readonly ticket: Ticket; readonly closings: readonly Closing[] }
  | { readonly may: false; readonly trips: readonly OpenTrip[] };

/** Before anything is read of the data, and after the contract has been verified: `dataset` is the contract's. */
export async function beginSweep(store: GateStore, dataset: string, newEpoch: () => string): Promise<Beginning> {
  let beginning: Beginning | undefined;
  await change(store, dataset, async (held) => {
    const closings = await closingsOf(store, held);
    const trips = openTrips(held, closings);
    if (trips.length > 0) {
      beginning = { may: false, trips };
      return undefined;
    }
    const { gate, ticket } = begun(held, dataset, newEpoch());
    beginning = { may: true, ticket, closings };
    return gate;
  });
  if (beginning === undefined) throw new Problem('internal-failure');
  return beginning;
}

/** As soon as a rule trips, before anybody is told: when this returns, no further sweep begins. To be repeated until it does. */
export function tripBreaker(store: GateStore, dataset: string, trip: OpenTrip): Promise<void> {
  return change(store, dataset, async (gate) => {
    // A trip of a sweep that the state does not know: it was lost, or restored from before. It holds all the same.
    const known = gate ?? { dataset, epoch: trip.sweep, begun: 0, trips: [], settled: [] };
    return tripped(known, trip, await store.closings(dataset, [trip.sweep]));
  });
}

/**
 * At the end of every sweep, whatever the verdict; it may be repeated, and come late. Only as `sealed` does it take the closings for named:
 * whoever says so has put a log that names them where it stays.
 */
export async function concludeSweep(
  store: GateStore,
  ticket: Ticket,
  verdict: Verdict,
  conclusion: Conclusion,
): Promise<void> {
  const { dataset } = verdict.contract;
  const trip: Trip | null = verdict.breaker;
  // First what closes: between the two writes nothing is open that should not be.
  if (trip !== null) await tripBreaker(store, dataset, openTrip(trip, verdict));
  await change(store, dataset, async (gate) =>
    gate === undefined ? undefined : recorded(gate, ticket, gateVerdict(verdict), conclusion),
  );
}

/** Settles the trips that the person was shown, and no other. Returns those that somebody had settled before. */
export async function closeBreaker(
  store: GateStore,
  closings: readonly Closing[],
): Promise<{ readonly before: readonly Closing[] }> {
  const before: Closing[] = [];
  for (const closing of closings) if (!(await store.close(closing))) before.push(closing);
  return { before };
}

export async function closingsOf(store: GateStore, gate: Gate | undefined): Promise<readonly Closing[]> {
  const sweeps = [...(gate?.settled ?? []), ...(gate?.trips ?? []).map(({ sweep }) => sweep)];
  return gate === undefined || sweeps.length === 0 ? [] : store.closings(gate.dataset, sweeps);
}

/** More sweeps of one dataset do not end at once. */
const ATTEMPTS = 20;

/** `to` is asked anew whenever somebody else was first; undefined leaves the state as it is. */
async function change(
  store: GateStore,
  dataset: string,
  to: (gate: Gate | undefined) => Promise<Gate | undefined>,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = await store.read(dataset);
    const next = await to(held?.gate);
    if (next === undefined || (await store.write(next, held?.revision ?? 0))) return;
  }
  throw new Transient('UpdateItem', 'interrupted');
}
