import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateBytes, decodeAggregate, encodeAggregate } from '../../../shared/sketch/aggregate.ts';
import { readCell, writeCell } from '../../../shared/sketch/cell.ts';
import { cellBytes, cellCount, planSketch } from '../../../shared/sketch/plan.ts';
import { emptySketch } from '../../../shared/sketch/sketch.ts';
import { STRATA_BYTES } from '../../../shared/sketch/strata.ts';
import { aggregateOf, fill, IMPLEMENTATIONS, numbered, type Row, sumOf } from './sides.ts';

const row: fc.Arbitrary<Row> = fc.record({
  key: fc.uint8Array({ maxLength: 60 }),
  rest: fc.uint8Array({ minLength: 1, maxLength: 150 }),
});
const rows = fc.array(row, { maxLength: 30 });
const plans = fc.constantFrom(planSketch(5, 10), planSketch(20, 30), planSketch(3, 300));

describe('sketch', () => {
  it('is filled by the kernel exactly as by the reference, for every length of key', () => {
    fc.assert(
      fc.property(plans, rows, (plan, some) => {
        const [byKernel, byReference] = IMPLEMENTATIONS.map(({ accumulator }) => fill(accumulator(plan), some));
        expect(byKernel).toEqual(byReference);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps kernel and reference alike at the edges of the slot, and over many batches', () => {
    const plan = planSketch(50, 23);
    const edges: Row[] = [0, 1, 6, 7, 8, 15, 16, 22, 23, 24, 25, 100, 1200].map((length) => ({
      key: new Uint8Array(length).fill(length === 0 ? 0 : 255),
      rest: Uint8Array.of(length),
    }));
    const many = [...edges, ...numbered(0, 2500)];
    const [byKernel, byReference] = IMPLEMENTATIONS.map(({ accumulator }) => fill(accumulator(plan), many));
    expect(byKernel).toEqual(byReference);
  });

  it.each(IMPLEMENTATIONS)(
    'does not depend on order, nor on how rows are split over workers ($name)',
    (implementation) => {
      const plan = planSketch(10, 12);
      fc.assert(
        fc.property(
          fc.array(rows, { maxLength: 4 }).chain((workers) => {
            const all = workers.flat();
            return fc.tuple(fc.constant(workers), fc.shuffledSubarray(all, { minLength: all.length }));
          }),
          ([workers, shuffled]) => {
            const side = implementation.side(plan);
            for (const part of workers) side.add(fill(implementation.accumulator(plan), part));
            expect(side.aggregate()).toEqual(fill(implementation.accumulator(plan), shuffled));
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  it('can be read between rows, and goes on', () => {
    const plan = planSketch(10, 12);
    for (const { accumulator } of IMPLEMENTATIONS) {
      const some = accumulator(plan);
      fill(some, numbered(0, 5));
      expect(fill(some, numbered(5, 5))).toEqual(aggregateOf(plan, numbered(0, 10)));
    }
  });

  it('holds exact sums: what is read from a cell is what was written, negative or beyond the width of an item', () => {
    const wide = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits + 31)), max: 2n ** BigInt(bits + 31) - 1n });
    const cell = fc.record({
      count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      prf: wide(128),
      check: wide(64),
      slot: wide(192),
    });
    fc.assert(
      fc.property(cell, (written) => {
        const view = new DataView(new ArrayBuffer(128));
        writeCell(view, 8, 24, written);
        expect(readCell(view, 8, 24)).toEqual(written);
      }),
    );
  });

  it.each(IMPLEMENTATIONS)('refuses to add up past what a cell can count ($name)', ({ side }) => {
    const plan = planSketch(1, 10);
    const almost = emptySketch(plan);
    const view = new DataView(almost.cells.buffer);
    writeCell(view, 2 * cellBytes(plan), plan.slotBytes, { count: 2 ** 31 - 1, prf: 1n, check: 1n, slot: 1n });
    const one = emptySketch(plan);
    writeCell(new DataView(one.cells.buffer), 2 * cellBytes(plan), plan.slotBytes, {
      count: 1,
      prf: 1n,
      check: 1n,
      slot: 1n,
    });
    const part = (sketch: typeof almost) => ({
      set: { count: 0n, sum: 0n },
      sketch,
      strata: new Uint8Array(STRATA_BYTES),
    });
    const sum = side(plan);
    sum.add(part(almost));
    expect(() => sum.add(part(one))).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
  });

  it.each(IMPLEMENTATIONS)('refuses to add sketches of different shapes ($name)', ({ side }) => {
    const part = aggregateOf(planSketch(2, 10), numbered(0, 1));
    for (const other of [planSketch(3, 10), planSketch(2, 30)]) {
      expect(() => side(other).add(part)).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
    }
  });
});

describe('plan of a sketch', () => {
  it('has at least 1.4 cells per item at any capacity, and not many more for many items', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000_000 }), (capacity) => {
        expect(cellCount(planSketch(capacity, 10))).toBeGreaterThanOrEqual(1.4 * capacity);
      }),
    );
    expect(cellCount(planSketch(200_000, 10))).toBeLessThan(1.4 * 200_000 + 3);
  });

  it('makes a cell one cache line for keys of up to 23 bytes', () => {
    expect([0, 5, 23, 24, 31, 32].map((keyBytes) => cellBytes(planSketch(10, keyBytes)))).toEqual([
      64, 64, 64, 72, 72, 80,
    ]);
  });

  it('refuses no capacity, and one beyond the memory', () => {
    for (const capacity of [0, -1, 1.5, 2 ** 33]) {
      expect(() => planSketch(capacity, 10)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
    }
  });
});

describe('aggregate as bytes', () => {
  const plan = planSketch(20, 12);

  it('reads back, and has a size that the plan alone decides', () => {
    for (const count of [0, 1, 500]) {
      const aggregate = aggregateOf(plan, numbered(0, count));
      const bytes = encodeAggregate(aggregate);
      expect(bytes).toHaveLength(aggregateBytes(plan));
      expect(decodeAggregate(bytes, plan)).toEqual(aggregate);
    }
  });

  it('is usable from within a larger buffer', () => {
    const bytes = encodeAggregate(aggregateOf(plan, numbered(0, 9)));
    const shifted = new Uint8Array(bytes.length + 5);
    shifted.set(bytes, 5);
    expect(sumOf(plan, [decodeAggregate(shifted.subarray(5), plan)])).toEqual(aggregateOf(plan, numbered(0, 9)));
  });

  it.each([
    ['another capacity', planSketch(21, 12)],
    ['another slot', planSketch(20, 30)],
  ])('is refused under a plan of %s', (_what, other) => {
    const bytes = encodeAggregate(aggregateOf(plan, []));
    expect(() => decodeAggregate(bytes, other)).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
  });

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['empty', () => new Uint8Array(0)],
    ['of another format', (bytes: Uint8Array) => bytes.with(3, 0x31)],
    ['of another slot', (bytes: Uint8Array) => bytes.with(7, 32)],
    ['of another number of cells', (bytes: Uint8Array) => bytes.with(11, 1)],
  ])('is refused when it is %s', (_what, spoil) => {
    const bytes = encodeAggregate(aggregateOf(plan, []));
    expect(() => decodeAggregate(spoil(bytes), plan)).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
  });
});
