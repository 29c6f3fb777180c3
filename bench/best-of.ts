/** One thing to measure: `run` does `count` operations. */
export interface Contestant {
  readonly name: string;
  readonly count: number;
  readonly run: () => void;
}

export interface Measured {
  readonly name: string;
  readonly nanoseconds: number;
}

/**
 * Nanoseconds per operation, the best of many short rounds. The contestants take turns, so that what else the machine does meets all of
 * them; it can only make a round slower, which is why the best one counts.
 */
export function bestOf(contestants: readonly Contestant[], rounds: number): readonly Measured[] {
  const best = contestants.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run, count }] of contestants.entries()) {
      const start = process.hrtime.bigint();
      run();
      const nanoseconds = Number(process.hrtime.bigint() - start) / count;
      best[index] = Math.min(best[index] ?? nanoseconds, nanoseconds);
    }
  }
  return contestants.map(({ name }, index) => ({ name, nanoseconds: best[index] ?? 0 }));
}
