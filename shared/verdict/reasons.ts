/**
 * Why a sweep gave no answer, or not the whole of one: a closed table. Nothing is ever called equal silently, so whatever goes wrong on
 * the way ends here, under one of these codes.
 */
import * as z from 'zod/mini';
import { SIDES, type SideName } from '../equivalence/relation.ts';
import { type FieldProblem, isProblemCode, Problem, type ProblemCode } from '../problem.ts';
import { Transient } from '../transient.ts';

export const REASONS = {
  'breaker-open': 'The breaker of the dataset is open since an earlier sweep: nothing was read.',
  'not-begun': 'Nothing was read: what is configured for the dataset does not allow it.',
  'side-missing': 'A side could not be reached, or there is nothing at its place.',
  'side-empty': 'A side has no row: an empty side is more often a failure than the truth.',
  'access-denied': 'A side may not be read, or no longer.',
  'schema-changed': 'A side does not have the columns that the contract says.',
  'place-changed': 'A side leads to another place than when the sweep was planned.',
  'code-changed': 'The code was replaced while the sweep ran: no two partitions may be read by different code.',
  'snapshot-unavailable': 'The contract asks for a frozen side, and its engine gives no unchanging state.',
  'snapshot-gone': 'The state that was being read is no longer there.',
  'partition-unread': 'A partition could not be read to its end.',
  'value-refused': 'A value is not one that the contract allows.',
  'worker-failed': 'A worker failed, and the attempts after it did too.',
  'evidence-contradicts': 'The sums, the sketches and the coverage do not agree with each other.',
  'unstable-read': 'A side that was said to be frozen gave other rows when it was read again.',
  'residue-undecoded':
    'The sides differ in more rows than the sketch lists, so that the others could not be read again.',
  'suspect-unsettled': 'Rows that differ kept changing while they were read again.',
  'suspects-unread': 'The rows that differ could not be read again.',
  'tolerance-undecided': 'The sides differ in more rows than the sketch lists, and all may lie within the tolerance.',
  'breaker-drift': 'The breaker tripped: more rows differ than the contract allows.',
  'breaker-errors': 'The breaker tripped: more attempts failed than the contract allows.',
  'breaker-skew': 'The breaker tripped: a partition holds many more rows than were planned for it.',
  'breaker-rate': 'The breaker tripped: rows come much more slowly than at the beginning.',
  interrupted: 'The sweep was interrupted.',
} as const;

export type ReasonCode = keyof typeof REASONS;

const REASON_CODES = Object.keys(REASONS).filter((code): code is ReasonCode => Object.hasOwn(REASONS, code));

const Problems = z.custom<ProblemCode>((value) => typeof value === 'string' && isProblemCode(value), 'a problem code');

export const Reason = z.strictObject({
  code: z.enum(REASON_CODES),
  /** The table's sentence. */
  message: z.string(),
  side: z.optional(z.enum(SIDES)),
  /** Ordinals from 0, in the order of the plan. */
  partitions: z.optional(z.array(z.int().check(z.nonnegative()))),
  /** What was thrown. */
  problem: z.optional(Problems),
  /** Names of columns and rules of the contract; never a value. */
  errors: z.optional(z.array(z.strictObject({ code: Problems, pointer: z.string(), rule: z.string() }))),
  /** How many rows, or attempts, where that is what it is about. */
  count: z.optional(z.number()),
});
export type Reason = z.infer<typeof Reason>;

export function reason(code: ReasonCode, more: Partial<Omit<Reason, 'code' | 'message'>> = {}): Reason {
  return { code, message: REASONS[code], ...more };
}

const BY_PROBLEM: Partial<Record<ProblemCode, ReasonCode>> = {
  'access-denied': 'access-denied',
  'schema-changed': 'schema-changed',
  'snapshot-gone': 'snapshot-gone',
  'place-changed': 'place-changed',
  'code-changed': 'code-changed',
  'field-type': 'value-refused',
  'field-format': 'value-refused',
  'field-range': 'value-refused',
  'field-length': 'value-refused',
  'field-characters': 'value-refused',
  'internal-failure': 'worker-failed',
};

/** Where a failure arose decides what it is called when its code does not. */
export type FailurePlace = 'opening' | 'reading' | 'again';
const BY_PLACE: Record<FailurePlace, ReasonCode> = {
  opening: 'side-missing',
  reading: 'partition-unread',
  again: 'suspects-unread',
};

/** Says it of anything thrown. An error that is neither a problem nor transient is a failure of ours, and its message stays out. */
export function reasonOf(error: unknown, place: FailurePlace, side: SideName, partition?: number): Reason {
  const where = { side, ...(partition === undefined ? {} : { partitions: [partition] }) };
  if (error instanceof Transient) return reason(BY_PLACE[place], where);
  if (!(error instanceof Problem)) return reason('worker-failed', where);
  const errors = (error.errors ?? []).map(({ code, pointer, rule }: FieldProblem) => ({ code, pointer, rule }));
  return reason(BY_PROBLEM[error.code] ?? BY_PLACE[place], {
    ...where,
    problem: error.code,
    ...(errors.length === 0 ? {} : { errors }),
  });
}

/** Failures that repeating cannot cure: the partition is given up at once. */
export function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.code !== 'endpoint-failed' && error.code !== 'internal-failure';
}

/** One entry for each kind of failure at each side, with the partitions together. */
export function gathered(reasons: readonly Reason[]): Reason[] {
  const groups = new Map<string, Reason>();
  for (const found of reasons) {
    const name = JSON.stringify([found.code, found.side, found.problem, found.errors]);
    const before = groups.get(name);
    const partitions = [...new Set([...(before?.partitions ?? []), ...(found.partitions ?? [])])];
    groups.set(name, {
      ...found,
      ...(partitions.length === 0 ? {} : { partitions: partitions.sort((a, b) => a - b) }),
    });
  }
  return [...groups.values()];
}
