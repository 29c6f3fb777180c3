import { instantiateKernel, type Kernel } from '../../../shared/fingerprint/kernel/kernel.ts';
import { deriveSweepKeys } from '../../../shared/fingerprint/keys.ts';
import { prf } from '../../../shared/fingerprint/prf.ts';
import {
  type Accumulator,
  createAccumulator,
  KernelAccumulator,
  ReferenceAccumulator,
} from '../../../shared/sketch/accumulator.ts';
import type { Aggregate } from '../../../shared/sketch/aggregate.ts';
import type { DecodedItem } from '../../../shared/sketch/decoded.ts';
import { ITEM_PRF_BYTES, makeItem, readSlot, toBytes } from '../../../shared/sketch/item.ts';
import type { SketchPlan } from '../../../shared/sketch/plan.ts';
import { createSide, KernelSide, ReferenceSide, type Side } from '../../../shared/sketch/side.ts';
import { addRows } from '../fingerprint/rows.ts';

export const KEYS = deriveSweepKeys(new Uint8Array(32).fill(5));

export function kernelHere(): Kernel {
  const kernel = instantiateKernel();
  if (kernel === undefined) throw new Error('This machine has no WebAssembly SIMD.');
  return kernel;
}

/** Both ways of filling and adding up sketches; every property of one is a property of the other. */
export const IMPLEMENTATIONS = [
  {
    name: 'kernel',
    accumulator: (plan: SketchPlan): Accumulator => new KernelAccumulator(kernelHere(), KEYS, plan),
    side: (plan: SketchPlan): Side => new KernelSide(kernelHere(), plan),
  },
  {
    name: 'reference',
    accumulator: (plan: SketchPlan): Accumulator => new ReferenceAccumulator(KEYS, plan),
    side: (plan: SketchPlan): Side => new ReferenceSide(plan),
  },
];

/** A row for a test: its key (perhaps empty) and what else it holds. */
export interface Row {
  readonly key: Uint8Array;
  readonly rest: Uint8Array;
}

export const rowBytes = ({ key, rest }: Row): Uint8Array => Uint8Array.of(...key, ...rest);

export function numbered(from: number, count: number, mark = 0): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return { key: Uint8Array.of(1, number, number >> 8, number >> 16), rest: Uint8Array.of(mark, 7) };
  });
}

export function fill(accumulator: Accumulator, rows: readonly Row[]): Aggregate {
  for (const row of rows) addRows(accumulator.rows, [rowBytes(row)], row.key.length);
  return accumulator.aggregate();
}

export function aggregateOf(plan: SketchPlan, rows: readonly Row[]): Aggregate {
  return fill(createAccumulator(KEYS, plan), rows);
}

export function sumOf(plan: SketchPlan, parts: readonly Aggregate[]): Aggregate {
  const side = createSide(plan);
  for (const part of parts) side.add(part);
  return side.aggregate();
}

/** The differences of two lists of rows, counted one by one: what a sketch must decode to, in the order of `bySlot`. */
export function expectedItems(plan: SketchPlan, source: readonly Row[], target: readonly Row[]): DecodedItem[] {
  const found = new Map<bigint, { prf: bigint; slot: bigint; multiplicity: number }>();
  const count = (row: Row, times: number): void => {
    const item = makeItem(plan, KEYS.keyId, prf(KEYS.row, rowBytes(row)).subarray(0, ITEM_PRF_BYTES), row.key);
    const before = found.get(item.prf)?.multiplicity ?? 0;
    found.set(item.prf, { ...item, multiplicity: before + times });
  };
  for (const row of source) count(row, 1);
  for (const row of target) count(row, -1);
  return inOrder(
    [...found.values()]
      .filter(({ multiplicity }) => multiplicity !== 0)
      .map(({ prf: rowPrf, slot, multiplicity }) => ({
        key: readSlot(toBytes(slot, plan.slotBytes)),
        prf: rowPrf,
        multiplicity,
      })),
  );
}

export function inOrder(items: readonly DecodedItem[]): DecodedItem[] {
  return items.toSorted((left, right) => (left.prf < right.prf ? -1 : 1));
}
