/**
 * What is held of one dataset between its sweeps: the verdict that counts, which opens or closes the gate for those who consume the data,
 * and the trips that keep the breaker open. These are the rules alone; who keeps the state, functions/sweep/protocol/gate.ts.
 *
 * No rule leans on the clocks of two sweeps agreeing: sweeps are ordered by numbers that the state itself gives out, a DIVERGED stands
 * against every sweep that had begun when it came, a trip holds until a person has settled that very trip, and only the freshness of a
 * verdict is a matter of time.
 */
import * as z from 'zod/mini';
import { Sha256Hex } from '../digest.ts';
import { Trip } from './breaker.ts';
import { ANSWERS } from './decide.ts';
import { SweepId, type Verdict } from './schema.ts';

const count = z.int().check(z.nonnegative());
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC'));

/** What a sweep is given when it begins; its verdict counts under it. */
export interface Ticket {
  /** Changes when trips have been settled, or the state was restored: verdicts of sweeps begun before count no more. */
  readonly epoch: string;
  /** Later sweeps of an epoch have greater ones. */
  readonly number: number;
}

export const GateVerdict = z.strictObject({
  sweep: SweepId,
  number: count,
  verdict: z.enum(ANSWERS),
  contract: z.strictObject({ version: count, sha256: Sha256Hex }),
  endedAt: time,
  /** Of EQUAL alone. */
  freshUntil: z.optional(time),
  /** Of DIVERGED alone: how many sweeps had begun when it came. Some of what those read was read before it found the difference. */
  upTo: z.optional(count),
});
export type GateVerdict = z.infer<typeof GateVerdict>;

/** Why a breaker is open: the rule that tripped, what it saw and what the contract allows, in which sweep and since when. */
export const OpenTrip = z.strictObject({ ...Trip.shape, sweep: SweepId, since: time });
export type OpenTrip = z.infer<typeof OpenTrip>;

export const Gate = z.strictObject({
  dataset: z.string(),
  epoch: z.string(),
  /** How many sweeps have begun. */
  begun: count,
  /** The one that counts of those of this epoch; which one that is, `recorded`. */
  verdict: z.optional(GateVerdict),
  /** DIVERGED of this epoch that have come: the same one again says nothing about the sweeps that have begun since. */
  came: z.optional(z.array(z.strictObject({ number: count, endedAt: time }))),
  /** A breaker is open while there is one; those that a person has settled are moved away when the next sweep begins. */
  trips: z.array(OpenTrip),
  /** Sweeps whose trips are settled, while no sealed log of a sweep names their closings. */
  settled: z.array(SweepId),
});
export type Gate = z.infer<typeof Gate>;

/** Who closed a breaker, and why: one for each trip, never changed. */
export const Closing = z.strictObject({
  dataset: z.string(),
  /** That tripped. */
  sweep: SweepId,
  trip: OpenTrip,
  closedAt: time,
  by: z.string().check(z.minLength(1), z.maxLength(300)),
  reason: z.string().check(z.minLength(1), z.maxLength(1000)),
});
export type Closing = z.infer<typeof Closing>;

const isSettled = (closings: readonly Closing[], { sweep }: OpenTrip): boolean =>
  closings.some((closing) => closing.sweep === sweep);

/** Trips that nobody has settled. */
export const openTrips = (gate: Gate | undefined, closings: readonly Closing[]): readonly OpenTrip[] =>
  (gate?.trips ?? []).filter((trip) => !isSettled(closings, trip));

/** A sweep begins; only to be asked when no trip is open. `newEpoch` is taken where an epoch ends. */
export function begun(
  gate: Gate | undefined,
  dataset: string,
  newEpoch: string,
): { readonly gate: Gate; readonly ticket: Ticket } {
  const lasting = gate !== undefined && gate.trips.length === 0;
  const number = (gate?.begun ?? 0) + 1;
  const settled = [...(gate?.settled ?? []), ...(gate?.trips ?? []).map(({ sweep }) => sweep)];
  const next: Gate = lasting
    ? { ...gate, begun: number }
    : // What was EQUAL before somebody closed the breaker says nothing about after.
      { dataset, epoch: newEpoch, begun: number, trips: [], settled };
  return { gate: next, ticket: { epoch: next.epoch, number } };
}

/** A trip holds whatever came before or comes after it, but once settled it does not come again. Undefined: nothing to change. */
export function tripped(gate: Gate, trip: OpenTrip, closings: readonly Closing[]): Gate | undefined {
  if (isSettled(closings, trip) || gate.trips.some(({ sweep }) => sweep === trip.sweep)) return undefined;
  const trips = [...gate.trips, trip].sort((left, right) => (left.sweep < right.sweep ? -1 : 1));
  return { ...gate, trips };
}

/** When a sweep has its verdict, and when its log and verdict are sealed and published: it is concluded at both. */
export type Conclusion = 'found' | 'sealed';

/**
 * The greatest verdict counts: that of the sweep with the greatest number, where a DIVERGED has the number of all sweeps that had begun when
 * it first came. So a DIVERGED closes the gate also where a sweep that began after its own was EQUAL meanwhile, and keeps it closed until one
 * that begins later is EQUAL. The greatest of a set is the same in whatever order its members come, and however often.
 *
 * Once sealed, the log of a sweep of this epoch names every closing that the epoch began with, whether its verdict counts or not.
 * Undefined: nothing to change.
 */
export function recorded(
  gate: Gate,
  { epoch, number }: Ticket,
  verdict: Omit<GateVerdict, 'number' | 'upTo'>,
  conclusion: Conclusion,
): Gate | undefined {
  if (gate.epoch !== epoch || number > gate.begun) return undefined;
  const taken = take(gate, { ...verdict, number });
  if (conclusion === 'sealed' && taken.settled.length > 0) return { ...taken, settled: [] };
  return taken === gate ? undefined : taken;
}

/** So many are remembered, those of the last sweeps. An older one that comes again is taken for new: it closes, and opens nothing. */
const CAME = 100;

function take(gate: Gate, verdict: GateVerdict): Gate {
  if (verdict.verdict !== 'DIVERGED') return isGreater(verdict, gate.verdict) ? { ...gate, verdict } : gate;
  const { number, endedAt } = verdict;
  const before = gate.came ?? [];
  if (before.some((other) => other.number === number && other.endedAt === endedAt)) return gate;
  const came = [...before, { number, endedAt }].sort(byNumber).slice(-CAME);
  const late: GateVerdict = { ...verdict, upTo: gate.begun };
  return isGreater(late, gate.verdict) ? { ...gate, came, verdict: late } : { ...gate, came };
}

type Place = Pick<GateVerdict, 'number' | 'endedAt'>;
const byNumber = (left: Place, right: Place): number =>
  left.number - right.number || Number(left.endedAt > right.endedAt) - Number(left.endedAt < right.endedAt);

/** A sweep that broke off has no answer, and may have one when it has been taken up again. */
const RANK: Readonly<Record<GateVerdict['verdict'], number>> = { INCONCLUSIVE: 0, EQUAL: 1, DIVERGED: 2 };

/** Times order nothing but the verdicts that one sweep came to in two attempts. */
function isGreater(verdict: GateVerdict, held: GateVerdict | undefined): boolean {
  if (held === undefined) return true;
  const reach = (verdict.upTo ?? verdict.number) - (held.upTo ?? held.number);
  return (reach || RANK[verdict.verdict] - RANK[held.verdict] || byNumber(verdict, held)) > 0;
}

/** A restored copy may lack the trips and verdicts since: it opens nothing, and tickets given out before are void. */
export function restored({ verdict: _, came: __, ...rest }: Gate, newEpoch: string): Gate {
  return { ...rest, epoch: newEpoch };
}

/** What the gate keeps of a whole verdict. */
export function gateVerdict(whole: Verdict): Omit<GateVerdict, 'number' | 'upTo'> {
  const { sweep, verdict, contract, endedAt, freshUntil } = whole;
  const { version, sha256 } = contract;
  return {
    sweep,
    verdict,
    contract: { version, sha256 },
    endedAt,
    ...(freshUntil === undefined ? {} : { freshUntil }),
  };
}

export function openTrip(trip: Trip, { sweep, endedAt }: Pick<Verdict, 'sweep' | 'endedAt'>): OpenTrip {
  return { ...trip, sweep, since: endedAt };
}
