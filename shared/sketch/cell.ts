/**
 * A cell: four sums over the items in it. As bytes, little-endian, as the kernel keeps them (assembly/cells.ts):
 *
 *     0   16  PRFs, lower part          24  4  PRFs, upper part (signed)
 *     16   8  checks, lower part        28  4  checks, upper part (signed)
 *     40   *  key slots, lower part     32  4  key slots, upper part (signed)
 *                                       36  4  count (signed)
 *
 * The upper parts keep the sums exact for up to 2³¹ items in a cell: nothing wraps, so that a sum can be divided by the count.
 */
import { ITEM_PRF_BITS } from './item.ts';

export interface Cell {
  readonly count: number;
  readonly prf: bigint;
  readonly check: bigint;
  readonly slot: bigint;
}

export const EMPTY_CELL: Cell = { count: 0, prf: 0n, check: 0n, slot: 0n };

const CHECK_BITS = 64;
const PRF_TOP = 24;
const CHECK_TOP = 28;
const SLOT_TOP = 32;
const COUNT = 36;
const CHECK = 16;
const SLOT = 40;

function readSum(view: DataView, low: number, bits: number, top: number): bigint {
  let sum = BigInt(view.getInt32(top, true)) << BigInt(bits);
  for (let at = 0; at < bits; at += 64) sum |= view.getBigUint64(low + at / 8, true) << BigInt(at);
  return sum;
}

function writeSum(view: DataView, low: number, bits: number, top: number, sum: bigint): void {
  for (let at = 0; at < bits; at += 64) view.setBigUint64(low + at / 8, BigInt.asUintN(64, sum >> BigInt(at)), true);
  view.setInt32(top, Number(BigInt.asIntN(32, sum >> BigInt(bits))), true);
}

export function readCell(view: DataView, at: number, slotBytes: number): Cell {
  return {
    count: view.getInt32(at + COUNT, true),
    prf: readSum(view, at, ITEM_PRF_BITS, at + PRF_TOP),
    check: readSum(view, at + CHECK, CHECK_BITS, at + CHECK_TOP),
    slot: readSum(view, at + SLOT, slotBytes * 8, at + SLOT_TOP),
  };
}

export function writeCell(view: DataView, at: number, slotBytes: number, cell: Cell): void {
  view.setInt32(at + COUNT, cell.count, true);
  writeSum(view, at, ITEM_PRF_BITS, at + PRF_TOP, cell.prf);
  writeSum(view, at + CHECK, CHECK_BITS, at + CHECK_TOP, cell.check);
  writeSum(view, at + SLOT, slotBytes * 8, at + SLOT_TOP, cell.slot);
}

/** `left` with `times` copies of `right`; `times` may be negative. */
export function addCells(left: Cell, right: Cell, times = 1): Cell {
  const factor = BigInt(times);
  return {
    count: left.count + right.count * times,
    prf: left.prf + right.prf * factor,
    check: left.check + right.check * factor,
    slot: left.slot + right.slot * factor,
  };
}

export function isEmpty(cell: Cell): boolean {
  return cell.count === 0 && cell.prf === 0n && cell.check === 0n && cell.slot === 0n;
}
