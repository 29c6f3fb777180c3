import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSweepKeys } from '../../../shared/fingerprint/keys.ts';
import { difference } from '../../../shared/fingerprint/multiset.ts';
import { expandCellKey } from '../../../shared/sketch/cell-keys.ts';
import { decodeDifference, explains } from '../../../shared/sketch/decode.ts';
import { decodeByReference } from '../../../shared/sketch/decode-by-reference.ts';
import { decodeInKernel } from '../../../shared/sketch/decode-in-kernel.ts';
import type { Decoded } from '../../../shared/sketch/decoded.ts';
import { keyId } from '../../../shared/sketch/item.ts';
import { cellBytes, planSketch, type SketchPlan } from '../../../shared/sketch/plan.ts';
import { aggregateOf, expectedItems, inOrder, KEYS, kernelHere, numbered, type Row } from './sides.ts';

/** Decodes two lists of rows; also whether the sums agree with what came out. */
function decode(plan: SketchPlan, source: readonly Row[], target: readonly Row[]): Decoded & { explained: boolean } {
  const left = aggregateOf(plan, source);
  const right = aggregateOf(plan, target);
  const decoded = decodeDifference(left.sketch, right.sketch, expandCellKey(KEYS.cell, plan));
  return { ...decoded, items: inOrder(decoded.items), explained: explains(decoded, difference(left.set, right.set)) };
}

// Few keys and few contents, so that rows repeat, change and stand on both sides.
const row: fc.Arbitrary<Row> = fc.record({
  key: fc.nat(12).map((number) => Uint8Array.of(16, 1, number)),
  rest: fc.nat(2).map((number) => Uint8Array.of(number)),
});

describe('decoding a difference', () => {
  it('lists every row that differs, in its multiplicity and with its sign, and nothing else', () => {
    const plan = planSketch(40, 10);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(row, { maxLength: 30 }), (source, target) => {
        const items = expectedItems(plan, source, target);
        expect(decode(plan, source, target)).toEqual({ items, complete: true, explained: true });
      }),
      { numRuns: 80 },
    );
  });

  it('decodes duplicate rows: three against one', () => {
    const plan = planSketch(4, 10);
    const [first, second] = numbered(0, 2);
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const { items, complete } = decode(plan, [first, first, first, second], [first, second, second, second]);
    expect(complete).toBe(true);
    expect(items.map(({ multiplicity }) => multiplicity).toSorted()).toEqual([-2, 2]);
  });

  it('decodes a changed row as two items with one key', () => {
    const plan = planSketch(4, 10);
    const common = numbered(100, 3000);
    const { items, complete } = decode(plan, [...common, ...numbered(7, 1, 1)], [...common, ...numbered(7, 1, 2)]);
    expect(complete).toBe(true);
    expect(items.map(({ key }) => key)).toEqual(Array(2).fill({ kind: 'key', bytes: Uint8Array.of(1, 7, 0, 0) }));
    expect(items.map(({ multiplicity }) => multiplicity).toSorted()).toEqual([-1, 1]);
  });

  it('gives a key that is too long as its keyed id, and a row without key as nothing', () => {
    const plan = planSketch(4, 10);
    const long = { key: new Uint8Array(24).fill(3), rest: Uint8Array.of(1) };
    const fits = { key: new Uint8Array(23).fill(3), rest: Uint8Array.of(1) };
    const none = { key: new Uint8Array(0), rest: Uint8Array.of(1) };
    const keyOf = (some: Row) => decode(plan, [some], []).items[0]?.key;
    expect(keyOf(long)).toEqual({ kind: 'id', id: keyId(KEYS.keyId, long.key) });
    expect(keyOf(fits)).toEqual({ kind: 'key', bytes: fits.key });
    expect(keyOf(none)).toEqual({ kind: 'none' });
  });

  it.each([1, 2, 3, 5, 10, 30, 100, 300, 1000, 3000])(
    'succeeds at its capacity of %i items, again and again',
    (capacity) => {
      const plan = planSketch(capacity, 10);
      const rounds = Math.max(1, Math.round(300 / capacity));
      for (let round = 0; round < rounds; round++) {
        const source = numbered(round * capacity, Math.ceil(capacity / 2), 1);
        const target = numbered(round * capacity, Math.floor(capacity / 2), 2);
        const { items, complete, explained } = decode(plan, source, target);
        expect({ items: items.length, complete, explained }).toEqual({
          items: capacity,
          complete: true,
          explained: true,
        });
      }
    },
  );

  it('succeeds at a capacity of 50 000 items, where it has no more than 1.4 cells for each', () => {
    const plan = planSketch(50_000, 10);
    const { items, complete, explained } = decode(plan, numbered(0, 25_000, 1), numbered(0, 25_000, 2));
    expect({ items: items.length, complete, explained }).toEqual({ items: 50_000, complete: true, explained: true });
  });

  it('reports a partial decode as partial, and lists only what is true', () => {
    const plan = planSketch(10, 10);
    for (const excess of [24, 30, 60, 200, 1000]) {
      const source = numbered(0, excess * 10, 1);
      const target = numbered(0, excess, 1);
      const { items, complete, explained } = decode(plan, source, target);
      expect({ complete, explained }).toEqual({ complete: false, explained: false });
      const truth = expectedItems(plan, source, target);
      expect(truth).toEqual(expect.arrayContaining([...items]));
    }
  });

  it('lists nothing under another cell key, and says that something is left', () => {
    const plan = planSketch(10, 10);
    const other = expandCellKey(deriveSweepKeys(new Uint8Array(32).fill(6)).cell, plan);
    const [source, target] = [aggregateOf(plan, numbered(0, 5)), aggregateOf(plan, numbered(3, 5))];
    expect(decodeDifference(source.sketch, target.sketch, other)).toEqual({ items: [], complete: false });
  });

  it('[S06] gives in the kernel what the reference gives, in the same order, however much differs and whatever is spoilt', () => {
    const keys = expandCellKey(KEYS.cell, planSketch(12, 10));
    const capacity = fc.constantFrom(4, 12, 30);
    const spoilt = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { maxLength: 2 });
    const rows = fc.array(fc.tuple(row, fc.integer({ min: 1, max: 5 })), { maxLength: 25 });
    const repeated = (list: readonly (readonly [Row, number])[]): Row[] =>
      list.flatMap(([one, times]) => Array<Row>(times).fill(one));
    fc.assert(
      fc.property(capacity, rows, rows, spoilt, (items, left, right, bits) => {
        const plan = planSketch(items, 10);
        const source = aggregateOf(plan, repeated(left)).sketch;
        const target = aggregateOf(plan, repeated(right)).sketch;
        for (const [place, bit] of bits) {
          const at = place % source.cells.length;
          source.cells[at] = (source.cells[at] ?? 0) ^ (1 << bit);
        }
        const reference = decodeByReference(source, target, keys);
        expect(decodeInKernel(kernelHere(), source, target, keys)).toEqual(reference);
      }),
      { numRuns: 300 },
    );
  });

  it('never takes a spoilt cell for a complete decode', () => {
    const plan = planSketch(6, 10);
    const target = aggregateOf(plan, numbered(2, 4));
    const keys = expandCellKey(KEYS.cell, plan);
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (place, bit) => {
        const source = aggregateOf(plan, numbered(0, 4));
        const cells = source.sketch.cells;
        const at = place % (3 * plan.cellsPerTable * cellBytes(plan));
        cells[at] = (cells[at] ?? 0) ^ (1 << bit);
        expect(decodeDifference(source.sketch, target.sketch, keys).complete).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('finds nothing between equal sides, however many rows they have', () => {
    const plan = planSketch(2, 10);
    expect(decode(plan, numbered(0, 5000), numbered(0, 5000).toReversed())).toEqual({
      items: [],
      complete: true,
      explained: true,
    });
  });

  it('does not let items explain a difference that they do not account for', () => {
    const plan = planSketch(6, 10);
    const [source, target] = [aggregateOf(plan, numbered(0, 4)), aggregateOf(plan, numbered(2, 4))];
    const decoded = decodeDifference(source.sketch, target.sketch, expandCellKey(KEYS.cell, plan));
    const whole = difference(source.set, target.set);
    expect(explains(decoded, whole)).toBe(true);
    expect(explains({ ...decoded, items: decoded.items.slice(1) }, whole)).toBe(false);
    expect(explains(decoded, { ...whole, sum: whole.sum + 1n })).toBe(false);
    expect(explains(decoded, { ...whole, count: whole.count + 1n })).toBe(false);
    expect(explains({ ...decoded, complete: false }, whole)).toBe(false);
  });
});
