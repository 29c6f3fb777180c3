import { Problem } from '../problem.ts';

/** The shape of a sketch. Sketches add up only when they have the same shape and the same keys. */
export interface SketchPlan {
  /** Items that it is expected to decode. A row that differs costs one item on each side that has it: a change costs two. */
  readonly capacity: number;
  /** A sketch has three tables of so many cells; an item goes into one cell of each. */
  readonly cellsPerTable: number;
  /** Bytes of the key slot, one of them for its length: a multiple of 8 from 24 to 248. Longer keys go by a keyed id. */
  readonly slotBytes: number;
}

export const TABLES = 3;
/** With three tables, peeling succeeds above 1.222 cells per item for many items (Goodrich and Mitzenmacher 2011, table 1). */
const CELLS_PER_ITEM = 1.4;
/**
 * With few items, what stops the peeling is two items that share all three cells: of c items in m cells there are about
 * c²/2 · (3/m)³ such pairs. This factor, times c^⅔, is the m that keeps them below one in 10 000 sketches.
 */
const FEW_ITEMS_FACTOR = (0.5 * 27 * 10_000) ** (1 / 3);
const MINIMUM_SLOT_BYTES = 24;
const MAXIMUM_SLOT_BYTES = 248;
/** Two sketches and the rows in hand share a memory of 32-bit addresses. */
const MAXIMUM_CELL_BYTES = 2 ** 30;

/** A cell without its key slot; see cell.ts. */
const FIXED_CELL_BYTES = 40;

/** `keyBytes` is the length of the canonical keys that should be listed as they are; with 23 or fewer, a cell is one cache line. */
export function planSketch(capacity: number, keyBytes: number): SketchPlan {
  if (!Number.isInteger(capacity) || capacity < 1) {
    throw new Problem('configuration-invalid', { detail: 'The capacity of a sketch is a positive number of items.' });
  }
  const plan = shapeSketch(capacity, keyBytes);
  if (cellCount(plan) * cellBytes(plan) > MAXIMUM_CELL_BYTES) {
    throw new Problem('configuration-invalid', { detail: 'A sketch of this capacity exceeds 1 GiB.' });
  }
  return plan;
}

/** The same, however large: for whoever asks what would fit. */
export function shapeSketch(capacity: number, keyBytes: number): SketchPlan {
  const slot = Math.ceil((keyBytes + 1) / 8) * 8;
  const cells = Math.max(CELLS_PER_ITEM * capacity, FEW_ITEMS_FACTOR * capacity ** (2 / 3));
  return {
    capacity,
    cellsPerTable: Math.ceil(cells / TABLES),
    slotBytes: Math.min(Math.max(slot, MINIMUM_SLOT_BYTES), MAXIMUM_SLOT_BYTES),
  };
}

export function cellCount(plan: SketchPlan): number {
  return TABLES * plan.cellsPerTable;
}

export function cellBytes(plan: SketchPlan): number {
  return FIXED_CELL_BYTES + plan.slotBytes;
}
