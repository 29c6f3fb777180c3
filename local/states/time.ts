/** Waiting that ends early when its signal aborts. */
import { setTimeout as delay } from 'node:timers/promises';

/** Node's timers overflow beyond 2^31-1 ms and then fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Throws the signal's reason when it aborts. `at`: milliseconds since the epoch. */
export async function sleepUntil(at: number, now: () => number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const left = at - now();
    if (left <= 0) return;
    try {
      await delay(Math.min(left, LONGEST_TIMER_MS), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}

/**
 * Settles as `work` does, or throws the signal's reason, or `late()` after the limit (milliseconds). `work` itself goes
 * on: Step Functions does not stop a function either.
 */
export async function within<T>(
  work: Promise<T>,
  limit: { readonly signal: AbortSignal; readonly timeoutMs?: number | undefined; readonly late: () => Error },
): Promise<T> {
  limit.signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = (): void => reject(limit.signal.reason);
  limit.signal.addEventListener('abort', onAbort, { once: true });
  const timed = limit.timeoutMs !== undefined && limit.timeoutMs <= LONGEST_TIMER_MS;
  const timer = timed ? setTimeout(() => reject(limit.late()), limit.timeoutMs) : undefined;
  work.then(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    limit.signal.removeEventListener('abort', onAbort);
  }
}

/** Runs `work` over the items, at most `limit` at a time, in order of the items. The first failure is thrown once all that began have settled. */
export async function forEachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
  go: () => boolean = () => true,
): Promise<void> {
  const queue = items.values();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failure || !go()) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failure) throw failure.error;
}
