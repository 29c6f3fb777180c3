import { describe, expect, it } from 'vitest';
import { expandCellKey } from '../../../shared/sketch/cell-keys.ts';
import { planSketch } from '../../../shared/sketch/plan.ts';
import { estimateDifference, STRATA_BYTES, type StrataEstimate } from '../../../shared/sketch/strata.ts';
import { aggregateOf, KEYS, numbered, type Row } from './sides.ts';

const plan = planSketch(1, 10);
const key = expandCellKey(KEYS.cell, plan).strata;

function estimate(source: readonly Row[], target: readonly Row[]): StrataEstimate {
  return estimateDifference(aggregateOf(plan, source).strata, aggregateOf(plan, target).strata, key);
}

describe('strata estimator', () => {
  it.each([0, 1, 2, 17, 60])('counts %i differing items exactly, among many that are equal', (differing) => {
    const common = numbered(1_000_000, 20_000);
    expect(estimate([...common, ...numbered(0, differing)], common)).toEqual({ items: differing, standardError: 0 });
  });

  it('counts a changed row as two items', () => {
    expect(estimate(numbered(0, 20, 1), numbered(0, 20, 2))).toEqual({ items: 40, standardError: 0 });
  });

  it('counts an item once, in whatever multiplicity', () => {
    const [one] = numbered(0, 1);
    if (one === undefined) throw new Error('unreachable');
    expect(estimate(Array(100).fill(one), [])).toEqual({ items: 1, standardError: 0 });
  });

  it.each([1000, 10_000, 100_000, 300_000])(
    'estimates %i differing items within its own error, which is small',
    (differing) => {
      const { items, standardError } = estimate(numbered(0, differing / 2, 1), numbered(0, differing / 2, 2));
      expect(standardError).toBeGreaterThan(0);
      expect(standardError).toBeLessThan(0.12 * differing);
      expect(Math.abs(items - differing)).toBeLessThan(4 * standardError);
    },
  );

  it('says that it knows no error when not even the thinnest level decodes', () => {
    const spoilt = new Uint8Array(STRATA_BYTES).fill(1);
    expect(estimateDifference(spoilt, new Uint8Array(STRATA_BYTES), key).standardError).toBe(Number.POSITIVE_INFINITY);
  });
});
