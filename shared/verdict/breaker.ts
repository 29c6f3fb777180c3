/**
 * What trips the breaker. It protects two things: databases that suffer from being read, and people who would wait for the end of a sweep
 * whose answer is clear. It stays open until a person closes it.
 */
import * as z from 'zod/mini';
import type { Equivalence } from '../equivalence/schema.ts';
import type { Drift } from './drift.ts';

export type BreakerRules = Equivalence['breaker'];

export const TRIP_CAUSES = ['drift', 'errors', 'skew', 'rate', 'schema'] as const;

const rows = z.int().check(z.nonnegative());

export const Trip = z.strictObject({
  cause: z.enum(TRIP_CAUSES),
  /** What was seen, in the unit of the rule: rows or a share, attempts, a ratio. Absent of a changed schema. */
  seen: z.optional(z.number()),
  /** What the contract allows. */
  allowed: z.optional(z.number()),
  /** In mid-run: rows that had been read of each side, those of partitions that were left unfinished included. */
  read: z.optional(z.strictObject({ source: rows, target: rows })),
});
export type Trip = z.infer<typeof Trip>;

/** At compare: whether more rows differ than the contract allows, by number or by share. */
export function driftTrip({ drift: rule }: BreakerRules, drift: Drift): Trip | undefined {
  if (rule?.rows !== undefined && drift.rows > rule.rows) {
    return { cause: 'drift', seen: drift.rows, allowed: rule.rows };
  }
  if (rule?.share !== undefined && drift.share > rule.share) {
    return { cause: 'drift', seen: drift.share, allowed: rule.share };
  }
  return undefined;
}

export function errorsTrip({ errors: allowed }: BreakerRules, failedAttempts: number): Trip | undefined {
  return allowed !== undefined && failedAttempts > allowed
    ? { cause: 'errors', seen: failedAttempts, allowed }
    : undefined;
}

/** Below so many rows a plan's statistics say nothing. */
const SKEW_ROWS = 1000;

export function skewTrip({ skew: allowed }: BreakerRules, rows: number, plannedRows: number): Trip | undefined {
  if (allowed === undefined || rows < SKEW_ROWS) return undefined;
  const seen = rows / Math.max(plannedRows, 1);
  return seen > allowed ? { cause: 'skew', seen, allowed } : undefined;
}

/** Long enough that one slow read is no trend. */
const WINDOW_MS = 10_000;

/**
 * Watches the rate of fetching of one reader in windows of ten seconds. The first whole window is what the others are held against: an
 * engine that begins to suffer gives fewer rows to the same reader, whatever the others do.
 */
export class RateWatch {
  readonly #allowed: number | undefined;
  #begin: number | undefined;
  #rows = 0;
  #first: number | undefined;

  constructor({ rate }: BreakerRules) {
    this.#allowed = rate;
  }

  /** To be called after each stretch of rows; `now` in milliseconds. */
  observe(rows: number, now: number): Trip | undefined {
    this.#begin ??= now;
    this.#rows += rows;
    const passed = now - this.#begin;
    if (this.#allowed === undefined || passed < WINDOW_MS) return undefined;
    const rate = this.#rows / passed;
    this.#begin = now;
    this.#rows = 0;
    this.#first ??= rate;
    const share = this.#first === 0 ? 1 : rate / this.#first;
    return share < this.#allowed ? { cause: 'rate', seen: share, allowed: this.#allowed } : undefined;
  }

  /** The reader does something else meanwhile: the window that was begun says nothing. */
  pause(): void {
    this.#begin = undefined;
    this.#rows = 0;
  }
}
