/**
 * The invertible sketch of a set of rows: an invertible Bloom look-up table (Goodrich and Mitzenmacher 2011) whose cells hold exact sums. It
 * is linear: sketches of parts of a side add up to the sketch of the side, and the difference of the sides' sketches is
 * the sketch of their difference, which decodes when it holds no more items than planned (decode.ts).
 *
 * A sketch of fewer rows than its capacity reveals all their keys. It is as personal as they are.
 */
import { Problem } from '../problem.ts';
import { addCells, readCell, writeCell } from './cell.ts';
import type { CellKeys } from './cell-keys.ts';
import { checkOf, type Item, positionsOf } from './item.ts';
import { cellBytes, cellCount, type SketchPlan } from './plan.ts';

export interface Sketch {
  readonly plan: SketchPlan;
  /** `cellCount(plan)` cells of `cellBytes(plan)` bytes each; see cell.ts. */
  readonly cells: Uint8Array;
}

export function emptySketch(plan: SketchPlan): Sketch {
  return { plan, cells: new Uint8Array(cellCount(plan) * cellBytes(plan)) };
}

/** Adds an item in place: the reference of the kernel's `insertItems`. */
export function insert(sketch: Sketch, keys: CellKeys, item: Item): void {
  const { plan, cells } = sketch;
  const view = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
  const added = { count: 1, ...item, check: checkOf(plan, keys, item) };
  for (const place of positionsOf(plan, keys, item)) {
    const at = place * cellBytes(plan);
    writeCell(view, at, plan.slotBytes, addCells(readCell(view, at, plan.slotBytes), added));
  }
}

/** Adds another part of the same side in place: the reference of the kernel's `mergeCells`. */
export function mergeInto(sketch: Sketch, other: Sketch): void {
  const { plan, cells } = sketch;
  refuseOtherShape(plan, other.plan);
  const view = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
  const added = new DataView(other.cells.buffer, other.cells.byteOffset, other.cells.byteLength);
  for (let at = 0; at < cells.byteLength; at += cellBytes(plan)) {
    const sum = addCells(readCell(view, at, plan.slotBytes), readCell(added, at, plan.slotBytes));
    if (sum.count >= 2 ** 31) throw overfull();
    writeCell(view, at, plan.slotBytes, sum);
  }
}

export function refuseOtherShape(plan: SketchPlan, other: SketchPlan): void {
  if (plan.cellsPerTable !== other.cellsPerTable || plan.slotBytes !== other.slotBytes) {
    throw new Problem('evidence-invalid', { detail: 'The sketches have different shapes.' });
  }
}

/** A cell counts to 2³¹ − 1. Only a row that repeats two thousand million times comes near. */
export function overfull(): Problem {
  return new Problem('evidence-invalid', { detail: 'A cell of the sketch holds 2³¹ rows or more.' });
}
