import { addCells, type Cell, isEmpty, readCell } from './cell.ts';
import type { CellKeys } from './cell-keys.ts';
import type { Decoded } from './decoded.ts';
import { checkOf, ITEM_PRF_BITS, type Item, positionsOf, readSlot, toBytes } from './item.ts';
import { type Pure, peel } from './peel.ts';
import { cellBytes, cellCount, type SketchPlan } from './plan.ts';
import type { Sketch } from './sketch.ts';

/** What `decodeDifference` promises, in numbers without bounds: slow, in much memory, and what the kernel is checked against. */
export function decodeByReference(source: Sketch, target: Sketch, keys: CellKeys): Decoded {
  const { plan } = source;
  const { items, complete } = peel(differenceOf(source, target), {
    isEmpty,
    add: addCells,
    pure: (cell, index) => pureItem(plan, keys, cell, index),
  });
  return {
    items: items.map(({ item, multiplicity }) => ({
      key: readSlot(toBytes(item.slot, plan.slotBytes)),
      prf: item.prf,
      multiplicity,
    })),
    complete,
  };
}

function differenceOf(source: Sketch, target: Sketch): Cell[] {
  const { plan } = source;
  const left = new DataView(source.cells.buffer, source.cells.byteOffset, source.cells.byteLength);
  const right = new DataView(target.cells.buffer, target.cells.byteOffset, target.cells.byteLength);
  return Array.from({ length: cellCount(plan) }, (_, index) => {
    const at = index * cellBytes(plan);
    return addCells(readCell(left, at, plan.slotBytes), readCell(right, at, plan.slotBytes), -1);
  });
}

/** Everything must divide by the count, give a slot and a PRF that fit, a check that matches, and lead back to this cell. */
function pureItem(plan: SketchPlan, keys: CellKeys, cell: Cell, index: number): Pure<Cell, Item> | undefined {
  if (cell.count === 0) return undefined;
  const prf = quotient(cell.prf, cell.count, ITEM_PRF_BITS);
  const slot = quotient(cell.slot, cell.count, plan.slotBytes * 8);
  const check = quotient(cell.check, cell.count, 64);
  if (prf === undefined || slot === undefined || check === undefined) return undefined;
  const item: Item = { prf, slot };
  if (checkOf(plan, keys, item) !== check) return undefined;
  const places = positionsOf(plan, keys, item);
  if (!places.includes(index)) return undefined;
  return { item, multiplicity: cell.count, one: { count: 1, prf, slot, check }, places };
}

function quotient(sum: bigint, count: number, bits: number): bigint | undefined {
  const divisor = BigInt(count);
  if (sum % divisor !== 0n) return undefined;
  const result = sum / divisor;
  return result >= 0n && result >> BigInt(bits) === 0n ? result : undefined;
}
