// The strata estimator: items are thinned out by half from one level to the next, and every level is a small sketch of 64-bit ids.
import { PRF_BYTES } from './items';

/** Level 0 takes half of the items, level 1 a quarter, …; the last one takes what is left. */
const LEVELS: u32 = 32;
/** Cells of one level: three times so many. */
const THIRD: u32 = 64;

// Layout of a cell: sums of ids and checks with their upper 32 bits, the count, and four unused bytes.
const CHECK: usize = 8;
const ID_TOP: usize = 16;
const CHECK_TOP: usize = 20;
const COUNT: usize = 24;
const CELL_BYTES: usize = 32;

function addSum(low: usize, top: usize, value: u64): void {
  const was = load<u64>(low);
  const now = was + value;
  store<u64>(low, now);
  store<u32>(top, load<u32>(top) + <u32>(now < was));
}

function addId(cell: usize, id: u64, check: u64): void {
  addSum(cell, cell + ID_TOP, id);
  addSum(cell + CHECK, cell + CHECK_TOP, check);
  store<u32>(cell, load<u32>(cell, COUNT) + 1, COUNT);
}

function cellAt(level: usize, third: u32, word: u32): usize {
  return level + <usize>(third * THIRD + ((word * THIRD) >> 16)) * CELL_BYTES;
}

/**
 * Adds `count` items of `stride` bytes. The level is the number of trailing zeros of word 3 of an item's PRF, the id are its
 * words 0 and 1, whose first three 16-bit parts are the positions; `key` (8 bytes) keys the check, (w₀ + k₀)(w₁ + k₁) mod 2⁶⁴.
 * Levels before `first` stay empty.
 */
export function insertStrata(strata: usize, key: usize, items: usize, slot: usize, count: usize, first: u32): void {
  const stride: usize = PRF_BYTES + slot;
  const skipped: u32 = ((<u32>1) << first) - 1;
  for (let index: usize = 0; index < count; index++) {
    const item = items + index * stride;
    const word = load<u32>(item, 12);
    if ((word & skipped) !== 0) continue;
    const number = min(<u32>ctz(word), LEVELS - 1);
    const level = strata + <usize>(number * 3 * THIRD) * CELL_BYTES;
    const w0 = load<u32>(item, 0);
    const w1 = load<u32>(item, 4);
    const check = (<u64>w0 + load<u32>(key, 0)) * (<u64>w1 + load<u32>(key, 4));
    const id = load<u64>(item);
    addId(cellAt(level, 0, w0 & 0xffff), id, check);
    addId(cellAt(level, 1, w0 >> 16), id, check);
    addId(cellAt(level, 2, w1 & 0xffff), id, check);
  }
}

function mergeSum(low: usize, top: usize, otherLow: usize, otherTop: usize): void {
  addSum(low, top, load<u64>(otherLow));
  store<u32>(top, load<u32>(top) + load<u32>(otherTop));
}

/** Adds the strata at `others` to those at `strata`; false when a cell has come to hold 2³¹ items or more. */
export function mergeStrata(strata: usize, others: usize): bool {
  let sound = true;
  for (let at: usize = 0; at < <usize>(LEVELS * 3 * THIRD) * CELL_BYTES; at += CELL_BYTES) {
    const cell = strata + at;
    const other = others + at;
    mergeSum(cell, cell + ID_TOP, other, other + ID_TOP);
    mergeSum(cell + CHECK, cell + CHECK_TOP, other + CHECK, other + CHECK_TOP);
    store<u32>(cell, load<u32>(cell, COUNT) + load<u32>(other, COUNT), COUNT);
    if (load<i32>(cell, COUNT) < 0) sound = false;
  }
  return sound;
}
