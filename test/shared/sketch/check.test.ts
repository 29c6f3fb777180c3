/** The argument of docs/sketch-check.md, held against what the decoder does. */
import { describe, expect, it } from 'vitest';
import { littleEndian, prf } from '../../../shared/fingerprint/prf.ts';
import { expandCellKey } from '../../../shared/sketch/cell-keys.ts';
import { decodeDifference } from '../../../shared/sketch/decode.ts';
import { emptySketch, insert } from '../../../shared/sketch/sketch.ts';
import { KEYS } from './sides.ts';

/** One cell in each table: whatever is put in meets there, by no merit of its PRF. */
const plan = { capacity: 1, cellsPerTable: 1, slotBytes: 24 };
const keys = expandCellKey(KEYS.cell, plan);
const WORD = 64n;

/** Words that look random and are the same in every run. */
function* randomWords(seed: number): Generator<bigint, never> {
  for (let block = 0; ; block++) {
    const bytes = prf(new Uint8Array(32).fill(seed), Buffer.from(String(block)));
    for (let at = 0; at < bytes.length; at += 8) yield littleEndian(bytes.subarray(at, at + 8));
  }
}

/** How often a cell of different items passes for a pure one, when the first words of their PRFs agree in their lower `bits`. */
function falsePasses(multiplicities: readonly number[], bits: number, trials: number, seed: number): number {
  const words = randomWords(seed);
  const next = (): bigint => words.next().value;
  let passes = 0;
  for (let trial = 0; trial < trials; trial++) {
    const sides = { source: emptySketch(plan), target: emptySketch(plan) };
    const first = next();
    for (const [index, multiplicity] of multiplicities.entries()) {
      const other = BigInt.asUintN(64, first + ((next() | 1n) << BigInt(bits)));
      const item = { prf: (index === 0 ? first : other) | (next() << WORD), slot: next() | (next() << WORD) };
      for (let time = 0; time < Math.abs(multiplicity); time++) {
        insert(multiplicity > 0 ? sides.source : sides.target, keys, bits === 0 ? item : { ...item, slot: 5n });
      }
    }
    if (decodeDifference(sides.source, sides.target, keys).items.length > 0) passes += 1;
  }
  return passes;
}

describe('the check of a cell', () => {
  const MULTIPLICITIES = [
    [1, 1],
    [2, -1],
    [1, 1, 1],
    [1, 1, -1],
    [4, 4],
    [1, 8],
    [-16, 1, 16],
  ];

  it.each(MULTIPLICITIES.map((multiplicities) => [multiplicities]))(
    'lets no cell of different items pass: %j',
    (multiplicities) => {
      expect(falsePasses(multiplicities, 0, 300, 1)).toBe(0);
    },
  );

  it.each(MULTIPLICITIES.map((multiplicities) => [multiplicities]))(
    'lets no more pass than the bound says where PRFs are made to agree in part: %j',
    (multiplicities) => {
      for (const bits of [58, 60]) {
        const trials = 600;
        const bound = trials * 2 ** (bits + 1 - 64);
        // Four standard deviations above a binomial of that mean.
        expect(falsePasses(multiplicities, bits, trials, bits)).toBeLessThan(bound + 4 * Math.sqrt(bound));
      }
    },
  );

  it('would notice: where nearly all bits agree, cells do pass, and half as many for every bit less', () => {
    const [nearly, less] = [62, 60].map((bits) => falsePasses([1, 1], bits, 2000, bits));
    expect(nearly).toBeGreaterThan(60);
    expect(less).toBeGreaterThan(10);
    expect(less).toBeLessThan((nearly ?? 0) / 2);
  });
});
