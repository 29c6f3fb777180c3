/** Times of contestants that take turns, in seconds. */

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};

export const leastAndMedian = (times: readonly number[]): string =>
  `${Math.min(...times).toFixed(2)} / ${median(times).toFixed(2)}`;

/** The least over the least, the median over the median. */
export const ratioOf = (over: readonly number[], under: readonly number[]): string =>
  `${(Math.min(...over) / Math.min(...under)).toFixed(2)} / ${(median(over) / median(under)).toFixed(2)}`;
