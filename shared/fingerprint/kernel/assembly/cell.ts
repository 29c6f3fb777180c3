// A cell of the sketch. It holds four sums over the items that fell into it: how many they are, their PRFs, their key slots and
// their checks. Each sum is a two's complement number wider than what it sums by 32 bits, so that it never wraps while a cell holds fewer
// than 2³¹ items.

// The low parts of the sums, PRFs first; their upper 32 bits (signed), and the count; then the low part of the key slots.
export const CHECK: usize = 16;
export const PRF_TOP: usize = 24;
export const CHECK_TOP: usize = 28;
export const KEY_TOP: usize = 32;
export const COUNT: usize = 36;
export const KEY: usize = 40;

/** Adds `value` and `carry` to the u64 at `target`; returns the carry. */
export function addWord(target: usize, value: u64, carry: u64): u64 {
  const was = load<u64>(target);
  const sum = was + value;
  const now = sum + carry;
  store<u64>(target, now);
  return <u64>(sum < was) + <u64>(now < sum);
}

/** Takes `value` and `borrow` from the u64 at `target`; returns the borrow. */
export function takeWord(target: usize, value: u64, borrow: u64): u64 {
  const was = load<u64>(target);
  const rest = was - value;
  store<u64>(target, rest - borrow);
  return <u64>(was < value) + <u64>(rest < borrow);
}

export function addTop(target: usize, amount: u64): void {
  store<u32>(target, load<u32>(target) + <u32>amount);
}

/**
 * The check of an item, a keyed bilinear form of its words: Σ (w₂ᵢ + k₂ᵢ)(w₂ᵢ₊₁ + k₂ᵢ₊₁) mod 2⁶⁴, where a missing last word counts
 * as zero. Not being linear is the point: the check of a sum is not the sum of the checks.
 */
export function checkOf(item: usize, words: usize, key: usize): u64 {
  let check: u64 = 0;
  for (let word: usize = 0; word < words; word += 2) {
    const second: u64 = word + 1 < words ? load<u64>(item + word * 8, 8) : 0;
    check += (load<u64>(item + word * 8) + load<u64>(key + word * 8)) * (second + load<u64>(key + word * 8, 8));
  }
  return check;
}

/** Which of `places` cells a word of a PRF leads to. */
export function placeOf(word: u32, places: u32): usize {
  return <usize>((<u64>word * <u64>places) >> 32);
}
