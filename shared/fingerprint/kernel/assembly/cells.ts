// The cells of the sketch. A cell holds four sums over the items that fell into it: how many they are, their PRFs, their key
// slots and their checks. Each sum is a two's complement number wider than what it sums by 32 bits, so that it never wraps while a
// cell holds fewer than 2³¹ items.
import { PRF_BYTES } from './items';

// Layout of a cell: the low parts of the sums, their upper 32 bits (signed), and the count; then the low part of the key slots.
const CHECK: usize = 16;
const PRF_TOP: usize = 24;
const CHECK_TOP: usize = 28;
const KEY_TOP: usize = 32;
const COUNT: usize = 36;
const KEY: usize = 40;

/** Addresses of the cells of the items in hand: three u32 and one unused. */
const AHEAD: usize = 32;
const PLACES: usize = memory.data(512, 16);
/** Keeps the loads of `fetchAhead` from being dropped. */
// biome-ignore lint/correctness/noUnusedVariables: writing it is its use
let fetched: u64 = 0;

/** Adds `value` and `carry` to the u64 at `target`; returns the carry. */
function addWord(target: usize, value: u64, carry: u64): u64 {
  const was = load<u64>(target);
  const sum = was + value;
  const now = sum + carry;
  store<u64>(target, now);
  return <u64>(sum < was) + <u64>(now < sum);
}

function addTop(target: usize, amount: u64): void {
  store<u32>(target, load<u32>(target) + <u32>amount);
}

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

/**
 * The check of an item, a keyed bilinear form of its words: Σ (w₂ᵢ + k₂ᵢ)(w₂ᵢ₊₁ + k₂ᵢ₊₁) mod 2⁶⁴, where a missing last word counts
 * as zero. Not being linear is the point: the check of a sum is not the sum of the checks.
 */
function checkOf(item: usize, words: usize, key: usize): u64 {
  let check: u64 = 0;
  for (let word: usize = 0; word < words; word += 2) {
    const second: u64 = word + 1 < words ? load<u64>(item + word * 8, 8) : 0;
    check += (load<u64>(item + word * 8) + load<u64>(key + word * 8)) * (second + load<u64>(key + word * 8, 8));
  }
  return check;
}

/** The place of `word` among `places`, which lie `cellBytes` apart from `first` on. */
function cellAt(first: usize, word: u32, places: u32, cellBytes: usize): u32 {
  return <u32>(first + <usize>((<u64>word * <u64>places) >> 32) * cellBytes);
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
  for (let index: usize = 0; index < count; index++) {
    const item = items + index * stride;
    const place = PLACES + index * 16;
    const c0 = cellAt(cells, load<u32>(item, 0) ^ load<u32>(whitening, 0), third, cellBytes);
    const c1 = cellAt(second, load<u32>(item, 4) ^ load<u32>(whitening, 4), third, cellBytes);
    const c2 = cellAt(last, load<u32>(item, 8) ^ load<u32>(whitening, 8), third, cellBytes);
    store<u32>(place, c0, 0);
    store<u32>(place, c1, 4);
    store<u32>(place, c2, 8);
    fetched += load<u64>(c0) + load<u64>(c1) + load<u64>(c2);
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
