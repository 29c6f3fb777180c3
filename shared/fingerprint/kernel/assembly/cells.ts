// The cells of the sketch: items are added to them, and the cells of parts of a side to each other.
import { addTop, addWord, CHECK, CHECK_TOP, COUNT, checkOf, KEY, KEY_TOP, PRF_TOP, placeOf } from './cell';
import { PRF_BYTES } from './items';

/** Addresses of the cells of the items in hand: three u32 and one unused. */
const AHEAD: usize = 32;
const PLACES: usize = memory.data(512, 16);
/** Keeps the loads of `fetchAhead` from being dropped. */
// biome-ignore lint/correctness/noUnusedVariables: writing it is its use
let fetched: u64 = 0;

function addItem(cell: usize, item: usize, slot: usize, check: u64): void {
  let carry = addWord(cell, load<u64>(item), 0);
  carry = addWord(cell + 8, load<u64>(item, 8), carry);
  addTop(cell + PRF_TOP, carry);
  addTop(cell + CHECK_TOP, addWord(cell + CHECK, check, 0));
  carry = 0;
  for (let at: usize = 0; at < slot; at += 8) {
    carry = addWord(cell + KEY + at, load<u64>(item + PRF_BYTES + at), carry);
  }
  addTop(cell + KEY_TOP, carry);
  addTop(cell + COUNT, 1);
}

/** The place of `word` among `places`, which lie `cellBytes` apart from `first` on. */
function cellAt(first: usize, word: u32, places: u32, cellBytes: usize): u32 {
  return <u32>(first + placeOf(word, places) * cellBytes);
}

/**
 * Works out the cells of the items in hand, and loads from each: one load per cell, with nothing in between, lets the processor wait
 * for many cache lines at once. Adding right away would wait for them three at a time.
 */
function fetchAhead(
  cells: usize,
  third: u32,
  cellBytes: usize,
  whitening: usize,
  items: usize,
  stride: usize,
  count: usize,
): void {
  const second = cells + <usize>third * cellBytes;
  const last = second + <usize>third * cellBytes;
  const w0 = load<u32>(whitening, 0);
  const w1 = load<u32>(whitening, 4);
  const w2 = load<u32>(whitening, 8);
  let seen: u64 = 0;
  for (let index: usize = 0; index < count; index++) {
    const item = items + index * stride;
    const place = PLACES + index * 16;
    const c0 = cellAt(cells, load<u32>(item, 0) ^ w0, third, cellBytes);
    const c1 = cellAt(second, load<u32>(item, 4) ^ w1, third, cellBytes);
    const c2 = cellAt(last, load<u32>(item, 8) ^ w2, third, cellBytes);
    store<u32>(place, c0, 0);
    store<u32>(place, c1, 4);
    store<u32>(place, c2, 8);
    seen += load<u64>(c0) + load<u64>(c1) + load<u64>(c2);
  }
  fetched += seen;
}

/** A slot of 24 bytes is the common one: its cell is one cache line. */
const COMMON_SLOT: usize = 24;

/**
 * `addItem` for the common slot, its words in hand. The four upper parts lie side by side and only grow, none of them beyond 2³¹: two of
 * them are added at once.
 */
function addCommon(cell: usize, p0: u64, p1: u64, check: u64, s0: u64, s1: u64, s2: u64): void {
  let was = load<u64>(cell);
  let now = was + p0;
  store<u64>(cell, now);
  let carry = <u64>(now < was);
  was = load<u64>(cell, 8);
  let sum = was + p1;
  now = sum + carry;
  store<u64>(cell, now, 8);
  const prfTop = <u64>(sum < was) | <u64>(now < sum);
  was = load<u64>(cell, 16);
  now = was + check;
  store<u64>(cell, now, 16);
  store<u64>(cell, load<u64>(cell, 24) + (prfTop | ((<u64>(now < was)) << 32)), 24);
  was = load<u64>(cell, 40);
  now = was + s0;
  store<u64>(cell, now, 40);
  carry = <u64>(now < was);
  was = load<u64>(cell, 48);
  sum = was + s1;
  now = sum + carry;
  store<u64>(cell, now, 48);
  carry = <u64>(sum < was) | <u64>(now < sum);
  was = load<u64>(cell, 56);
  sum = was + s2;
  now = sum + carry;
  store<u64>(cell, now, 56);
  const keyTop = <u64>(sum < was) | <u64>(now < sum);
  store<u64>(cell, load<u64>(cell, 32) + (keyTop | ((<u64>1) << 32)), 32);
}

/** Adds items whose cells `fetchAhead` has found. */
function addCommonItems(items: usize, count: usize, key: usize): void {
  const k0 = load<u64>(key);
  const k1 = load<u64>(key, 8);
  const k2 = load<u64>(key, 16);
  const k3 = load<u64>(key, 24);
  const k4 = load<u64>(key, 32);
  const k5 = load<u64>(key, 40);
  for (let index: usize = 0; index < count; index++) {
    const item = items + index * (PRF_BYTES + COMMON_SLOT);
    const place = PLACES + index * 16;
    const p0 = load<u64>(item);
    const p1 = load<u64>(item, 8);
    const s0 = load<u64>(item, 16);
    const s1 = load<u64>(item, 24);
    const s2 = load<u64>(item, 32);
    const check = (p0 + k0) * (p1 + k1) + (s0 + k2) * (s1 + k3) + (s2 + k4) * k5;
    addCommon(load<u32>(place, 0), p0, p1, check, s0, s1, s2);
    addCommon(load<u32>(place, 4), p0, p1, check, s0, s1, s2);
    addCommon(load<u32>(place, 8), p0, p1, check, s0, s1, s2);
  }
}

/**
 * Adds `count` items to the sketch of three times `third` cells at `cells`. `key` holds the whitening of the positions (16 bytes), then
 * the words of the check (8 bytes each, an even number of them, at least as many as an item has).
 */
export function insertItems(cells: usize, third: u32, slot: usize, key: usize, items: usize, count: usize): void {
  const stride: usize = PRF_BYTES + slot;
  const cellBytes: usize = KEY + slot;
  for (let done: usize = 0; done < count; done += AHEAD) {
    const first = items + done * stride;
    const number = min(AHEAD, count - done);
    fetchAhead(cells, third, cellBytes, key, first, stride, number);
    if (slot === COMMON_SLOT) {
      addCommonItems(first, number, key + 16);
      continue;
    }
    for (let index: usize = 0; index < number; index++) {
      const item = first + index * stride;
      const place = PLACES + index * 16;
      const check = checkOf(item, stride >> 3, key + 16);
      addItem(load<u32>(place, 0), item, slot, check);
      addItem(load<u32>(place, 4), item, slot, check);
      addItem(load<u32>(place, 8), item, slot, check);
    }
  }
}

function addCell(cell: usize, other: usize, slot: usize): bool {
  let carry = addWord(cell, load<u64>(other), 0);
  carry = addWord(cell + 8, load<u64>(other, 8), carry);
  addTop(cell + PRF_TOP, carry + load<u32>(other, PRF_TOP));
  carry = addWord(cell + CHECK, load<u64>(other, CHECK), 0);
  addTop(cell + CHECK_TOP, carry + load<u32>(other, CHECK_TOP));
  carry = 0;
  for (let at: usize = 0; at < slot; at += 8) {
    carry = addWord(cell + KEY + at, load<u64>(other + KEY + at), carry);
  }
  addTop(cell + KEY_TOP, carry + load<u32>(other, KEY_TOP));
  addTop(cell + COUNT, load<u32>(other, COUNT));
  return load<i32>(cell, COUNT) >= 0;
}

/** Adds `count` cells at `others` to those at `cells`; false when a cell has come to hold 2³¹ items or more, and is worthless. */
export function mergeCells(cells: usize, others: usize, count: usize, slot: usize): bool {
  const cellBytes: usize = KEY + slot;
  let sound = true;
  for (let index: usize = 0; index < count; index++) {
    if (!addCell(cells + index * cellBytes, others + index * cellBytes, slot)) sound = false;
  }
  return sound;
}
