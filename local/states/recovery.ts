/** Retry: which retrier takes a failure, and when the state runs again. */
import type { Retrier } from './definition.ts';
import { matchesError } from './failure.ts';

export interface Retry {
  /** Attempts used of each retrier, with this one counted. */
  readonly retries: readonly number[];
  readonly delaySeconds: number;
}

/** The first retrier that names the error decides; `undefined` when it is used up or none does. */
export function nextRetry(
  retriers: readonly Retrier[],
  used: readonly number[],
  error: string,
  random: () => number,
): Retry | undefined {
  const index = retriers.findIndex((retrier) => matchesError(retrier.ErrorEquals, error));
  const retrier = retriers[index];
  if (!retrier) return undefined;
  const attempts = used[index] ?? 0;
  if (attempts >= retrier.MaxAttempts) return undefined;
  const grown = retrier.IntervalSeconds * retrier.BackoffRate ** attempts;
  const delay = Math.min(grown, retrier.MaxDelaySeconds ?? grown);
  return {
    retries: retriers.map((_, position) => (used[position] ?? 0) + (position === index ? 1 : 0)),
    delaySeconds: retrier.JitterStrategy === 'FULL' ? delay * random() : delay,
  };
}
