import { describe, expect, it } from 'vitest';
import { prf } from '../../../shared/fingerprint/prf.ts';
import { expandCellKey } from '../../../shared/sketch/cell-keys.ts';
import { makeItem } from '../../../shared/sketch/item.ts';
import { planSketch } from '../../../shared/sketch/plan.ts';
import {
  estimateDifference,
  firstLevel,
  insertIntoStrata,
  STRATA_BYTES,
  type StrataEstimate,
} from '../../../shared/sketch/strata.ts';
import { aggregateOf, KEYS, numbered, type Row, rowBytes } from './sides.ts';

const plan = planSketch(1, 10);
const key = expandCellKey(KEYS.cell, plan).strata;

function estimate(source: readonly Row[], target: readonly Row[]): StrataEstimate {
  return estimateDifference(aggregateOf(plan, source).strata, aggregateOf(plan, target).strata, key, 0);
}

/** Every level filled, by the reference. */
function filled(count: number): Uint8Array {
  const strata = new Uint8Array(STRATA_BYTES);
  for (const item of numbered(0, count)) {
    const digest = prf(KEYS.row, rowBytes(item));
    insertIntoStrata(strata, key, makeItem(plan, KEYS.keyId, digest, item.key), 0);
  }
  return strata;
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

  it.each([2000, 20_000])(
    'leaves out levels that could not decode where a sketch of %i items does not, and estimates the same',
    (items) => {
      const wide = planSketch(items, 10);
      const first = firstLevel(wide);
      expect(first).toBeGreaterThan(0);
      const differing = Math.ceil(1.3 * items);
      const common = numbered(1_000_000, 1000);
      const source = aggregateOf(wide, [...common, ...numbered(0, differing)]);
      const found = estimateDifference(source.strata, aggregateOf(wide, common).strata, key, first);
      expect(found.standardError).toBeLessThan(0.12 * differing);
      expect(Math.abs(found.items - differing)).toBeLessThan(4 * found.standardError);
      // To fill the levels before would have changed nothing: what decodes is scaled up by the same.
      const all = estimateDifference(filled(differing), filled(0), key, 0);
      expect(found).toEqual(all);
    },
  );

  it('says that it knows no error when not even the thinnest level decodes', () => {
    const spoilt = new Uint8Array(STRATA_BYTES).fill(1);
    expect(estimateDifference(spoilt, new Uint8Array(STRATA_BYTES), key, 0).standardError).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
