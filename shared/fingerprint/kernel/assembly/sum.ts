// MSet-Add-Hash: the sum of 256-bit digests mod 2²⁵⁶.

/**
 * Adds `count` digests (32 bytes each, little-endian numbers) to the 32-byte number at `sum`. Words are added into eight 64-bit
 * locals without carry, which hold any 32-bit count of them; the carries run once, at the end.
 */
export function addDigests(sum: usize, digests: usize, count: u32): void {
  let s0: u64 = 0,
    s1: u64 = 0,
    s2: u64 = 0,
    s3: u64 = 0,
    s4: u64 = 0,
    s5: u64 = 0,
    s6: u64 = 0,
    s7: u64 = 0;
  const end = digests + count * 32;
  for (let digest = digests; digest < end; digest += 32) {
    s0 += load<u32>(digest, 0);
    s1 += load<u32>(digest, 4);
    s2 += load<u32>(digest, 8);
    s3 += load<u32>(digest, 12);
    s4 += load<u32>(digest, 16);
    s5 += load<u32>(digest, 20);
    s6 += load<u32>(digest, 24);
    s7 += load<u32>(digest, 28);
  }
  let carry = addWord(sum, s0, 0);
  carry = addWord(sum + 4, s1, carry);
  carry = addWord(sum + 8, s2, carry);
  carry = addWord(sum + 12, s3, carry);
  carry = addWord(sum + 16, s4, carry);
  carry = addWord(sum + 20, s5, carry);
  carry = addWord(sum + 24, s6, carry);
  addWord(sum + 28, s7, carry);
}

/** Adds `amount` and the carry from the word below to the word at `target`; returns the carry into the word above. */
function addWord(target: usize, amount: u64, carry: u64): u64 {
  const low = (amount & 0xffffffff) + (carry & 0xffffffff) + load<u32>(target);
  store<u32>(target, <u32>low);
  return (amount >> 32) + (carry >> 32) + (low >> 32);
}
