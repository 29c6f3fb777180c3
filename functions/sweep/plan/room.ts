/**
 * Whether the functions can hold the sketches of a contract. A machine may have more memory: there the same contract is swept as it is. It is
 * compare that holds most at once.
 */
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { SWEEP_MEMORY_MIB } from '../../../shared/names.ts';
import { Problem } from '../../../shared/problem.ts';
import { cellBytes, cellCount, type SketchPlan, shapeSketch } from '../../../shared/sketch/plan.ts';
import { keyWidth } from './key-width.ts';
import { DEFAULT_CAPACITY } from './plan.ts';

const MIB = 2 ** 20;
/** The program itself, and what the runtime keeps to itself. */
const RESERVED_BYTES = 200 * MIB;
/**
 * Cells of a sketch, so many times: the sum and the part in hand of either side (4), two and what waits to decode them (2.3), and a result as it
 * comes from S3, in pieces and whole, with one that is not yet collected (3.7). Measured from a disk, where results come whole: 8.4.
 */
const SKETCHES_AT_ONCE = 10;
/** An item that was found, as an object and as the JSON of the comparison, beside its key. Measured with keys of 11 bytes: 740 in all. */
const ITEM_BYTES = 640;
/** The same for each byte of its key: as bytes, as Base64, within the JSON, and as that is sent. */
const ITEM_BYTES_PER_KEY_BYTE = 6;

/**
 * Problem('not-implemented') that says how many rows may be listed at most. Measured at that number for short keys, all of them found, and from
 * a disk: 2352 MiB resident.
 */
export function demandRoom(contract: Equivalence): void {
  const asked = contract.capacity ?? DEFAULT_CAPACITY;
  const possible = largestCapacity(keyWidth(contract));
  if (asked <= possible) return;
  throw new Problem('not-implemented', {
    detail: `A capacity of ${asked} rows as deployed, where the memory of a function suffices for ${possible}.`,
    errors: [{ code: 'not-implemented', pointer: '/capacity', rule: `at most ${possible} as deployed` }],
  });
}

/** Rows that differ, of which compare can hold all; `keyBytes` as for `planSketch`. */
export function largestCapacity(keyBytes: number): number {
  const room = SWEEP_MEMORY_MIB.compare * MIB - RESERVED_BYTES;
  let [fits, exceeds] = [0, Math.ceil(room / ITEM_BYTES)];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    // A row that changed is two items.
    if (bytesHeld(shapeSketch(2 * middle, keyBytes)) <= room) fits = middle;
    else exceeds = middle;
  }
  return fits;
}

function bytesHeld(plan: SketchPlan): number {
  const items = plan.capacity * (ITEM_BYTES + ITEM_BYTES_PER_KEY_BYTE * plan.slotBytes);
  return SKETCHES_AT_ONCE * cellCount(plan) * cellBytes(plan) + items;
}
