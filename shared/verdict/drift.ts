/** How much two sides differ, in rows, from how many items do. */
import * as z from 'zod/mini';
import type { StrataEstimate } from '../sketch/strata.ts';

export const Drift = z.strictObject({
  /** Distinct rows of which the sides have different numbers, by the strata estimator: a changed row is two of them. */
  items: z.number(),
  /** Of `items`; null where nothing but the order of magnitude is known, 0 where the number is exact. */
  standardError: z.nullable(z.number()),
  /** Rows that differ at least, when as many of the items as possible are two halves of one changed row. */
  rows: z.number(),
  /** `rows` as a share of the larger side. */
  share: z.number(),
});
export type Drift = z.infer<typeof Drift>;

export interface SideCounts {
  readonly source: number;
  readonly target: number;
}

export function driftOf({ items, standardError }: StrataEstimate, { source, target }: SideCounts): Drift {
  const surplus = Math.abs(source - target);
  const rows = Math.max(surplus, Math.ceil((items + surplus) / 2));
  return {
    items,
    standardError: Number.isFinite(standardError) ? Math.round(standardError) : null,
    rows,
    share: rows / Math.max(source, target, 1),
  };
}
