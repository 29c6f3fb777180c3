import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coverage } from '../../../shared/fingerprint/coverage.ts';
import { instantiateKernel } from '../../../shared/fingerprint/kernel/kernel.ts';
import { KernelBatch } from '../../../shared/fingerprint/kernel-batch.ts';
import { deriveSweepKeys } from '../../../shared/fingerprint/keys.ts';
import {
  decodeMultiset,
  difference,
  EMPTY,
  encodeMultiset,
  equal,
  type MultisetHash,
  merge,
} from '../../../shared/fingerprint/multiset.ts';
import { ReferenceBatch } from '../../../shared/fingerprint/reference-batch.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';
import { addRows, expectedSet } from './rows.ts';

const key = new Uint8Array(32).fill(9);
const rowsOf = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 60 });

function kernelBatch(): RowBatch & { sum(): bigint; readonly count: bigint } {
  const kernel = instantiateKernel();
  if (kernel === undefined) throw new Error('This machine has no WebAssembly SIMD.');
  return new KernelBatch(kernel, key);
}

const IMPLEMENTATIONS = [
  { name: 'kernel', batch: kernelBatch },
  { name: 'reference', batch: () => new ReferenceBatch(key) },
];

describe.each(IMPLEMENTATIONS)('fingerprint of a set of rows, by the $name', ({ batch: newBatch }) => {
  const setOf = (rows: readonly Uint8Array[]): MultisetHash => {
    const batch = newBatch();
    addRows(batch, rows);
    return { count: batch.count, sum: batch.sum() };
  };

  it('[S05] is the count and the sum of the PRFs, whatever the order', () => {
    fc.assert(
      fc.property(
        rowsOf.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([rows, shuffled]) => {
          expect(setOf(rows)).toEqual(expectedSet(key, rows));
          expect(setOf(shuffled)).toEqual(expectedSet(key, rows));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('[S05] does not depend on how rows are split over workers, nor in what order the workers are merged', () => {
    fc.assert(
      fc.property(fc.array(rowsOf, { maxLength: 5 }), (workers) => {
        const whole = setOf(workers.flat());
        expect(workers.map(setOf).reduce(merge, EMPTY)).toEqual(whole);
        expect(workers.map(setOf).reduceRight(merge, EMPTY)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('does not depend on where the memory was flushed', () => {
    const rows = Array.from({ length: 2500 }, (_, index) => new Uint8Array([index & 255, index >> 8]));
    const batch = newBatch();
    addRows(batch, rows.slice(0, 7));
    batch.flush();
    addRows(batch, rows.slice(7));
    expect({ count: batch.count, sum: batch.sum() }).toEqual(expectedSet(key, rows));
  });

  it('refuses a row that outgrew what was reserved for it, instead of losing its end', () => {
    const batch = newBatch();
    batch.reserve(10);
    expect(() => batch.commit(0, batch.target.length + 1)).toThrow(
      expect.objectContaining({ code: 'internal-failure' }),
    );
  });
});

describe('multiset hash', () => {
  const set = fc.record({
    count: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    sum: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  });

  it('sees duplicate rows, which an XOR would cancel', () => {
    const row = new Uint8Array([1, 2, 3]);
    expect(equal(expectedSet(key, [row, row]), EMPTY)).toBe(false);
    expect(equal(expectedSet(key, [row, row, row]), expectedSet(key, [row]))).toBe(false);
  });

  it('tells sets apart that differ in the count alone', () => {
    expect(equal({ count: 1n, sum: 5n }, { count: 2n, sum: 5n })).toBe(false);
  });

  it('undoes a merge by a difference, and has 40 bytes that read back', () => {
    fc.assert(
      fc.property(set, set, (left, right) => {
        expect(difference(merge(left, right), right)).toEqual(left);
        expect(encodeMultiset(left)).toHaveLength(40);
        expect(decodeMultiset(encodeMultiset(left))).toEqual(left);
      }),
    );
  });

  it('refuses bytes of another length', () => {
    expect(() => decodeMultiset(new Uint8Array(39))).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
  });
});

describe('sweep keys', () => {
  it('differ from each other and from the secret, and between two sweeps', () => {
    const one = deriveSweepKeys(new Uint8Array(32).fill(1));
    const two = deriveSweepKeys(new Uint8Array(32).fill(2));
    const all = [...Object.values(one), ...Object.values(two), new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(new Set(all.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(10);
    expect(all.every((bytes) => bytes.length === 32)).toBe(true);
  });

  it('are not made from a secret of another length', () => {
    expect(() => deriveSweepKeys(new Uint8Array(16))).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
  });
});

describe('coverage', () => {
  it('[S05] lets the first committed attempt of a partition win, however often and late others come', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat()), { maxLength: 30 }), (attempts) => {
        const coverage = new Coverage<number>(5);
        const first = new Map<number, number>();
        for (const [partition, result] of attempts) {
          expect(coverage.commit(partition, result)).toBe(!first.has(partition));
          if (!first.has(partition)) first.set(partition, result);
        }
        expect(coverage.missing).toEqual([0, 1, 2, 3, 4].filter((partition) => !first.has(partition)));
        if (first.size === 5)
          expect(coverage.complete()).toEqual([0, 1, 2, 3, 4].map((partition) => first.get(partition)));
        else expect(() => coverage.complete()).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
      }),
    );
  });

  it('refuses a partition that the manifest does not have', () => {
    for (const partition of [-1, 3, 0.5]) {
      expect(() => new Coverage(3).commit(partition, 0)).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
    }
  });
});
