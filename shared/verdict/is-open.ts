/** What a consumer asks before it takes the data: one question to one item, with a clock of its own. */
import type { Gate, GateVerdict, OpenTrip } from './gate.ts';

export const CLOSED_BECAUSE = {
  'never-swept': 'There is no verdict: the dataset has not been swept, or not since its breaker was closed.',
  tripped: 'The breaker has tripped, and no sweep has begun since a person closed it.',
  diverged: 'The newest verdict is DIVERGED.',
  inconclusive: 'The newest verdict is INCONCLUSIVE.',
  stale: 'The newest verdict is EQUAL, but no longer fresh.',
  clock: 'The newest verdict ended in the future: one of two clocks is wrong.',
} as const;
export type ClosedBecause = keyof typeof CLOSED_BECAUSE;

/** Clocks that are set over the network differ by less. */
export const CLOCK_SKEW_MS = 5 * 60_000;

export type GateAnswer =
  | { readonly open: true; readonly verdict: GateVerdict; readonly ageMs: number }
  | {
      readonly open: false;
      readonly because: ClosedBecause;
      readonly verdict?: GateVerdict;
      readonly trips: readonly OpenTrip[];
      readonly ageMs?: number;
    };

/** Closed unless the newest verdict is EQUAL and fresh, and the breaker has not tripped since. `now` in milliseconds. */
export function isOpen(gate: Gate | undefined, now: number): GateAnswer {
  const verdict = gate?.verdict;
  const trips = gate?.trips ?? [];
  const ageMs = verdict === undefined ? undefined : now - Date.parse(verdict.endedAt);
  const because = closedBecause(verdict, trips, now);
  if (because === undefined && verdict !== undefined) return { open: true, verdict, ageMs: ageMs ?? 0 };
  return {
    open: false,
    because: because ?? 'never-swept',
    trips,
    ...(verdict === undefined ? {} : { verdict }),
    ...(ageMs === undefined ? {} : { ageMs }),
  };
}

function closedBecause(
  verdict: GateVerdict | undefined,
  trips: readonly OpenTrip[],
  now: number,
): ClosedBecause | undefined {
  if (trips.length > 0) return 'tripped';
  if (verdict === undefined) return 'never-swept';
  if (verdict.verdict !== 'EQUAL') return verdict.verdict === 'DIVERGED' ? 'diverged' : 'inconclusive';
  const { endedAt, freshUntil } = verdict;
  // Written so that what is no time closes the gate.
  if (!(Date.parse(endedAt) <= now + CLOCK_SKEW_MS)) return 'clock';
  return freshUntil !== undefined && now < Date.parse(freshUntil) ? undefined : 'stale';
}
