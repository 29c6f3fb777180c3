// Decoding: items are taken out of cells that hold copies of one item and nothing else, which makes further cells pure, until nothing
// more comes out. See shared/sketch/decode.ts, whose reference gives the same items in the same order.
import { addTop, CHECK, CHECK_TOP, COUNT, checkOf, KEY, KEY_TOP, PRF_TOP, placeOf, takeWord } from './cell';
import { PRF_BYTES } from './items';

/** What is being taken out: a copy of its cell. */
const TAKEN: usize = memory.data(288, 16);
/** The check of the item in hand. */
const ITEM_CHECK: usize = memory.data(8, 16);

/** An item that was found is its multiplicity (i32), four unused bytes, its PRF and its slot. */
const FOUND_HEAD: usize = 8;

function takeCell(cell: usize, other: usize, slot: usize): void {
  let borrow = takeWord(cell, load<u64>(other), 0);
  borrow = takeWord(cell + 8, load<u64>(other, 8), borrow);
  addTop(cell + PRF_TOP, -(borrow + load<u32>(other, PRF_TOP)));
  borrow = takeWord(cell + CHECK, load<u64>(other, CHECK), 0);
  addTop(cell + CHECK_TOP, -(borrow + load<u32>(other, CHECK_TOP)));
  borrow = 0;
  for (let at: usize = 0; at < slot; at += 8) {
    borrow = takeWord(cell + KEY + at, load<u64>(other + KEY + at), borrow);
  }
  addTop(cell + KEY_TOP, -(borrow + load<u32>(other, KEY_TOP)));
  addTop(cell + COUNT, -(<u64>load<u32>(other, COUNT)));
}

/** Takes `count` cells at `others` from those at `cells`. */
export function subtractCells(cells: usize, others: usize, count: usize, slot: usize): void {
  const cellBytes: usize = KEY + slot;
  for (let at: usize = 0; at < count * cellBytes; at += cellBytes) takeCell(cells + at, others + at, slot);
}

function isEmpty(cell: usize, slot: usize): bool {
  for (let at: usize = 0; at < KEY + slot; at += 8) if (load<u64>(cell + at) !== 0) return false;
  return true;
}

/**
 * Divides a sum, its low part of `length` bytes and its top, by `count`, which is not 0. False when it does not divide, or when the quotient
 * is no number of `length` bytes.
 */
function divide(low: usize, top: usize, length: usize, count: i32, quotient: usize): bool {
  let carry: u64 = 1;
  const negative = count < 0;
  const divisor = <u64>(negative ? -(<i64>count) : <i64>count);
  // Of a sum with the sign of its count, what is left of the top after the low part's carry is what long division begins with.
  for (let at: usize = 0; at < length; at += 8) {
    const word = load<u64>(low + at);
    const inverted = ~word + carry;
    if (inverted !== 0) carry = 0;
    store<u64>(quotient + at, negative ? inverted : word);
  }
  const above = load<u32>(top);
  const first = negative ? ~above + <u32>carry : above;
  if (<i32>first < 0) return false;
  if (divisor === 1) return first === 0;
  if (<u64>first >= divisor) return false;
  let rest = <u64>first;
  for (let at = length; at > 0; at -= 4) {
    const part = (rest << 32) | load<u32>(quotient + at - 4);
    store<u32>(quotient + at - 4, <u32>(part / divisor));
    rest = part % divisor;
  }
  return rest === 0;
}

/** Whether a cell holds copies of one item alone, which is then at `item`. Where it belongs is not asked. */
function isPure(cell: usize, slot: usize, key: usize, item: usize): bool {
  const count = load<i32>(cell, COUNT);
  return (
    count !== 0 &&
    divide(cell, cell + PRF_TOP, PRF_BYTES, count, item) &&
    divide(cell + KEY, cell + KEY_TOP, slot, count, item + PRF_BYTES) &&
    divide(cell + CHECK, cell + CHECK_TOP, 8, count, ITEM_CHECK) &&
    load<u64>(ITEM_CHECK) === checkOf(item, (PRF_BYTES + slot) >> 3, key + 16)
  );
}

function placeIn(table: usize, third: u32, key: usize, item: usize): usize {
  return table * <usize>third + placeOf(load<u32>(item + table * 4) ^ load<u32>(key + table * 4), third);
}

/**
 * Takes items out of the three times `third` cells at `cells`, and lists them at `found`: at most one more than there are cells, because
 * every true item empties a cell for good. `waiting` is room for five u32 per cell. Returns how many were found, as the lower
 * 31 bits; the highest bit is set when all cells are empty then. `key` is as for `insertItems`.
 */
export function peelCells(cells: usize, third: u32, slot: usize, key: usize, waiting: usize, found: usize): u32 {
  const cellBytes: usize = KEY + slot;
  const all: usize = <usize>third * 3;
  const foundBytes = FOUND_HEAD + PRF_BYTES + slot;
  let top: usize = 0;
  for (let index: usize = 0; index < all; index++) {
    if (!isEmpty(cells + index * cellBytes, slot)) store<u32>(waiting + 4 * top++, <u32>index);
  }
  let number: u32 = 0;
  while (<usize>number <= all && top > 0) {
    const index: usize = load<u32>(waiting + 4 * --top);
    const cell = cells + index * cellBytes;
    const entry = found + <usize>number * foundBytes;
    const item = entry + FOUND_HEAD;
    if (!isPure(cell, slot, key, item)) continue;
    const p0 = placeIn(0, third, key, item);
    const p1 = placeIn(1, third, key, item);
    const p2 = placeIn(2, third, key, item);
    if (index !== p0 && index !== p1 && index !== p2) continue;
    store<i32>(entry, load<i32>(cell, COUNT));
    memory.copy(TAKEN, cell, cellBytes);
    takeCell(cells + p0 * cellBytes, TAKEN, slot);
    takeCell(cells + p1 * cellBytes, TAKEN, slot);
    takeCell(cells + p2 * cellBytes, TAKEN, slot);
    if (index !== p0) store<u32>(waiting + 4 * top++, <u32>p0);
    if (index !== p1) store<u32>(waiting + 4 * top++, <u32>p1);
    if (index !== p2) store<u32>(waiting + 4 * top++, <u32>p2);
    number++;
  }
  for (let index: usize = 0; index < all; index++) {
    if (!isEmpty(cells + index * cellBytes, slot)) return number;
  }
  return number | 0x80000000;
}
