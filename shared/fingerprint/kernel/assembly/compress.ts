// The BLAKE3 compression function (BLAKE3 specification, section 2.2) on four independent inputs at once: 32-bit lane i of
// every vector belongs to input i. Nothing here crosses lanes, so the code reads like the scalar function.

/** The sixteen message words of the block in hand, each a vector of four lanes: 16 × 16 bytes. */
export const MESSAGE: usize = memory.data(256, 16);
/** The eight words of the chaining value, in and out: 8 × 16 bytes. */
export const CHAIN: usize = memory.data(128, 16);

// Byte offset into MESSAGE of every message word, in the order in which the seven rounds use them: the permutation of
// section 2.2 (2 6 3 10 7 0 4 13 1 11 12 5 9 14 15 8), applied once more for every round, times 16.
// biome-ignore format: one round per line
const SCHEDULE: usize = memory.data<u8>([
  0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240,
  32, 96, 48, 160, 112, 0, 64, 208, 16, 176, 192, 80, 144, 224, 240, 128,
  48, 64, 160, 192, 208, 32, 112, 224, 96, 80, 144, 0, 176, 240, 128, 16,
  160, 112, 192, 144, 224, 48, 208, 240, 64, 0, 176, 32, 80, 128, 16, 96,
  192, 208, 144, 176, 240, 160, 224, 128, 112, 32, 80, 48, 0, 16, 96, 64,
  144, 224, 176, 80, 128, 192, 240, 16, 208, 48, 0, 160, 32, 96, 64, 112,
  176, 240, 80, 0, 16, 144, 128, 96, 224, 160, 32, 192, 48, 64, 112, 208,
]);
const SCHEDULE_END: usize = 112;

function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

function rotate12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}

function rotate8(x: v128): v128 {
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

function rotate7(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}

/** a + b + m. `b` was computed last: it comes last, so that a + m need not wait for it. */
function add3(a: v128, b: v128, m: v128): v128 {
  return i32x4.add(i32x4.add(a, m), b);
}

function word(schedule: usize, index: usize): v128 {
  return v128.load(MESSAGE + load<u8>(schedule + index));
}

/**
 * Compresses MESSAGE into CHAIN: the new chaining value, words 0 to 7 of the output. `counter`, `length` (bytes of the
 * block) and `flags` have one 32-bit lane per input; counters stay below 2³² (an input below 4 TiB).
 */
export function compress(counter: v128, length: v128, flags: v128): void {
  let a0 = v128.load(CHAIN, 0),
    a1 = v128.load(CHAIN, 16),
    a2 = v128.load(CHAIN, 32),
    a3 = v128.load(CHAIN, 48);
  let b0 = v128.load(CHAIN, 64),
    b1 = v128.load(CHAIN, 80),
    b2 = v128.load(CHAIN, 96),
    b3 = v128.load(CHAIN, 112);
  let c0 = i32x4.splat(0x6a09e667),
    c1 = i32x4.splat(0xbb67ae85),
    c2 = i32x4.splat(0x3c6ef372),
    c3 = i32x4.splat(0xa54ff53a);
  let d0 = counter,
    d1 = i32x4.splat(0),
    d2 = length,
    d3 = flags;
  const end = SCHEDULE + SCHEDULE_END;
  for (let s = SCHEDULE; s < end; s += 16) {
    // Columns, then diagonals; the four G of each are written side by side, because they do not wait for each other.
    a0 = add3(a0, b0, word(s, 0));
    a1 = add3(a1, b1, word(s, 2));
    a2 = add3(a2, b2, word(s, 4));
    a3 = add3(a3, b3, word(s, 6));
    d0 = rotate16(v128.xor(d0, a0));
    d1 = rotate16(v128.xor(d1, a1));
    d2 = rotate16(v128.xor(d2, a2));
    d3 = rotate16(v128.xor(d3, a3));
    c0 = i32x4.add(c0, d0);
    c1 = i32x4.add(c1, d1);
    c2 = i32x4.add(c2, d2);
    c3 = i32x4.add(c3, d3);
    b0 = rotate12(v128.xor(b0, c0));
    b1 = rotate12(v128.xor(b1, c1));
    b2 = rotate12(v128.xor(b2, c2));
    b3 = rotate12(v128.xor(b3, c3));
    a0 = add3(a0, b0, word(s, 1));
    a1 = add3(a1, b1, word(s, 3));
    a2 = add3(a2, b2, word(s, 5));
    a3 = add3(a3, b3, word(s, 7));
    d0 = rotate8(v128.xor(d0, a0));
    d1 = rotate8(v128.xor(d1, a1));
    d2 = rotate8(v128.xor(d2, a2));
    d3 = rotate8(v128.xor(d3, a3));
    c0 = i32x4.add(c0, d0);
    c1 = i32x4.add(c1, d1);
    c2 = i32x4.add(c2, d2);
    c3 = i32x4.add(c3, d3);
    b0 = rotate7(v128.xor(b0, c0));
    b1 = rotate7(v128.xor(b1, c1));
    b2 = rotate7(v128.xor(b2, c2));
    b3 = rotate7(v128.xor(b3, c3));

    a0 = add3(a0, b1, word(s, 8));
    a1 = add3(a1, b2, word(s, 10));
    a2 = add3(a2, b3, word(s, 12));
    a3 = add3(a3, b0, word(s, 14));
    d3 = rotate16(v128.xor(d3, a0));
    d0 = rotate16(v128.xor(d0, a1));
    d1 = rotate16(v128.xor(d1, a2));
    d2 = rotate16(v128.xor(d2, a3));
    c2 = i32x4.add(c2, d3);
    c3 = i32x4.add(c3, d0);
    c0 = i32x4.add(c0, d1);
    c1 = i32x4.add(c1, d2);
    b1 = rotate12(v128.xor(b1, c2));
    b2 = rotate12(v128.xor(b2, c3));
    b3 = rotate12(v128.xor(b3, c0));
    b0 = rotate12(v128.xor(b0, c1));
    a0 = add3(a0, b1, word(s, 9));
    a1 = add3(a1, b2, word(s, 11));
    a2 = add3(a2, b3, word(s, 13));
    a3 = add3(a3, b0, word(s, 15));
    d3 = rotate8(v128.xor(d3, a0));
    d0 = rotate8(v128.xor(d0, a1));
    d1 = rotate8(v128.xor(d1, a2));
    d2 = rotate8(v128.xor(d2, a3));
    c2 = i32x4.add(c2, d3);
    c3 = i32x4.add(c3, d0);
    c0 = i32x4.add(c0, d1);
    c1 = i32x4.add(c1, d2);
    b1 = rotate7(v128.xor(b1, c2));
    b2 = rotate7(v128.xor(b2, c3));
    b3 = rotate7(v128.xor(b3, c0));
    b0 = rotate7(v128.xor(b0, c1));
  }
  v128.store(CHAIN, v128.xor(a0, c0), 0);
  v128.store(CHAIN, v128.xor(a1, c1), 16);
  v128.store(CHAIN, v128.xor(a2, c2), 32);
  v128.store(CHAIN, v128.xor(a3, c3), 48);
  v128.store(CHAIN, v128.xor(b0, d0), 64);
  v128.store(CHAIN, v128.xor(b1, d1), 80);
  v128.store(CHAIN, v128.xor(b2, d2), 96);
  v128.store(CHAIN, v128.xor(b3, d3), 112);
}
