/**
 * The rules of the verdict. EQUAL is said only of two sides that were read to their end, are not empty, and have the same sums, or differ in
 * nothing that persists under the contract; DIVERGED only of differences that are there; everything else is INCONCLUSIVE, with its reasons.
 */
import { SIDES } from '../equivalence/relation.ts';
import type { Trip } from './breaker.ts';
import type { SideCounts } from './drift.ts';
import { type Reason, reason } from './reasons.ts';

export const ANSWERS = ['EQUAL', 'DIVERGED', 'INCONCLUSIVE'] as const;
export type Answer = (typeof ANSWERS)[number];

/** What came of reading the suspects again; in suspects, which are keys, or rows where there are no keys. */
export interface Confirmation {
  readonly confirmed: number;
  readonly unsettled: number;
  /** Of frozen sides: suspects that were read otherwise than before. */
  readonly unstable: number;
  /** Why some could not be read again. */
  readonly failures: readonly Reason[];
}

/** What a whole comparison of two sides found. */
export interface Compared {
  readonly counts: SideCounts;
  /** Whether counts and sums of both sides are the same. */
  readonly equal: boolean;
  /** Whether every difference was decoded, and accounts for the difference of the sums. */
  readonly complete: boolean;
}

export interface Case {
  /** Both sides: declared so by the contract, and given so by the engines. */
  readonly frozen: boolean;
  /** Whether the contract lets values differ within a tolerance: then unequal sums prove nothing by themselves. */
  readonly tolerant: boolean;
  /** Whatever kept a side from being read as planned. */
  readonly failures: readonly Reason[];
  /** Undefined when some partition has no result. */
  readonly compared: Compared | undefined;
  readonly trip?: Trip | undefined;
  /** Undefined when nobody read again: the sums were equal, or the breaker stopped it. */
  readonly confirmation?: Confirmation | undefined;
}

export interface Decision {
  readonly answer: Answer;
  readonly reasons: readonly Reason[];
}

export function decide(found: Case): Decision {
  const { failures, compared } = found;
  if (failures.length > 0) return inconclusive(...failures);
  if (compared === undefined) return inconclusive(reason('evidence-contradicts'));
  const empty = SIDES.filter((side) => compared.counts[side] === 0);
  if (empty.length > 0) return inconclusive(...empty.map((side) => reason('side-empty', { side })));
  if (compared.equal) return { answer: 'EQUAL', reasons: [] };
  return found.frozen ? decideFrozen(found, compared) : decideSettled(found, compared);
}

/** Frozen sides differ as soon as their sums do, unless all that differs is tolerated. */
function decideFrozen({ tolerant, trip, confirmation }: Case, { counts, complete }: Compared): Decision {
  const certain = !tolerant || counts.source !== counts.target;
  if (trip !== undefined || confirmation === undefined) {
    const tripped = trip === undefined ? [] : [reason('breaker-drift', { ...counted(trip.seen) })];
    return certain ? diverged(...tripped) : inconclusive(...tripped, reason('tolerance-undecided'));
  }
  const { confirmed, unsettled, unstable, failures } = confirmation;
  if (unstable > 0) return inconclusive(reason('unstable-read', { count: unstable }));
  if (confirmed > 0 || certain) return diverged(...failures);
  if (failures.length > 0) return inconclusive(...failures);
  const whole = complete && unsettled === 0;
  return whole ? { answer: 'EQUAL', reasons: [] } : inconclusive(reason('tolerance-undecided'));
}

/** What differs between settled sides may have been on its way: only what persists counts, and all of it must have been looked at. */
function decideSettled({ trip, confirmation }: Case, { complete }: Compared): Decision {
  if (trip !== undefined) return inconclusive(reason('breaker-drift', { ...counted(trip.seen) }));
  if (confirmation === undefined) return inconclusive(reason('suspects-unread'));
  const { confirmed, unsettled, failures } = confirmation;
  // Suspects that were not read again are not unsettled, but unknown.
  if (failures.length > 0) return inconclusive(...failures);
  const open = [
    ...(complete ? [] : [reason('residue-undecoded')]),
    ...(unsettled === 0 ? [] : [reason('suspect-unsettled', { count: unsettled })]),
  ];
  if (open.length > 0) return inconclusive(...open);
  return confirmed > 0 ? diverged() : { answer: 'EQUAL', reasons: [] };
}

const counted = (count: number | undefined): { count?: number } => (count === undefined ? {} : { count });
const inconclusive = (...reasons: readonly Reason[]): Decision => ({ answer: 'INCONCLUSIVE', reasons });
const diverged = (...reasons: readonly Reason[]): Decision => ({ answer: 'DIVERGED', reasons });
