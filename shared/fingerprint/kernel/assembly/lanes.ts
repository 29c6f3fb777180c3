// Four inputs of up to one chunk (1024 bytes) each, hashed side by side: inputs may lie anywhere, end anywhere and differ in
// length; a lane whose input has ended keeps its chaining value while the others go on.
import { CHAIN, compress, MESSAGE } from './compress';

export const CHUNK_BYTES: u32 = 1024;
const BLOCK_BYTES: u32 = 64;

// Domain flags of the BLAKE3 specification, section 2.2, table 3.
export const CHUNK_START: u32 = 1 << 0;
export const CHUNK_END: u32 = 1 << 1;
export const PARENT: u32 = 1 << 2;
export const ROOT: u32 = 1 << 3;
export const KEYED: u32 = 1 << 4;

/** What the four lanes hash: addresses, lengths in bytes and chunk counters, 4 × u32 each. */
const STARTS: usize = memory.data(16, 16);
const LENGTHS: usize = memory.data(16, 16);
const COUNTERS: usize = memory.data(16, 16);
/** The chaining values before a block, while lanes of different length are in hand. */
const BEFORE: usize = memory.data(128, 16);

export function setLane(lane: usize, start: usize, length: u32, counter: u32): void {
  store<u32>(STARTS + lane * 4, <u32>start);
  store<u32>(LENGTHS + lane * 4, length);
  store<u32>(COUNTERS + lane * 4, counter);
}

/** Splats the eight words of the key (or of any other initial chaining value) over the lanes. */
function startChain(key: usize): void {
  for (let word: usize = 0; word < 8; word++) {
    v128.store(CHAIN + word * 16, v128.load32_splat(key + word * 4));
  }
}

/** Sixteen bytes of every lane as four vectors of little-endian words, one word of each lane in each: the 4 × 4 transposition. */
function transpose(target: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(target, i32x4.shuffle(low01, low23, 0, 1, 4, 5), 0);
  v128.store(target, i32x4.shuffle(low01, low23, 2, 3, 6, 7), 16);
  v128.store(target, i32x4.shuffle(high01, high23, 0, 1, 4, 5), 32);
  v128.store(target, i32x4.shuffle(high01, high23, 2, 3, 6, 7), 48);
}

/** The bytes of `r`, which start at byte `at` of the block, that lie before byte `valid`; the rest zero. */
function before(valid: u32, r: v128, at: u32): v128 {
  const index = i8x16.add(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>at));
  return v128.and(r, i8x16.lt_u(index, i8x16.splat(<i8>valid)));
}

function loadQuarter(at: u32, offset: usize, taken: v128): void {
  const position = offset + at;
  let r0 = v128.load(<usize>load<u32>(STARTS, 0) + position);
  let r1 = v128.load(<usize>load<u32>(STARTS, 4) + position);
  let r2 = v128.load(<usize>load<u32>(STARTS, 8) + position);
  let r3 = v128.load(<usize>load<u32>(STARTS, 12) + position);
  if (!i32x4.all_true(i32x4.ge_u(taken, i32x4.splat(at + 16)))) {
    r0 = before(i32x4.extract_lane(taken, 0), r0, at);
    r1 = before(i32x4.extract_lane(taken, 1), r1, at);
    r2 = before(i32x4.extract_lane(taken, 2), r2, at);
    r3 = before(i32x4.extract_lane(taken, 3), r3, at);
  }
  transpose(MESSAGE + at * 4, r0, r1, r2, r3);
}

/** The block at `offset` of every lane into MESSAGE; `taken` (4 × u32) is how many of its 64 bytes belong to the lane's input. */
function loadMessage(offset: usize, taken: v128): void {
  loadQuarter(0, offset, taken);
  loadQuarter(16, offset, taken);
  loadQuarter(32, offset, taken);
  loadQuarter(48, offset, taken);
}

/** Compresses, and takes the result only in lanes that are active: the others have ended. */
function compressActive(active: v128, counters: v128, taken: v128, flags: v128): void {
  memory.copy(BEFORE, CHAIN, 128);
  compress(counters, taken, flags);
  for (let word: usize = 0; word < 128; word += 16) {
    v128.store(CHAIN + word, v128.bitselect(v128.load(CHAIN + word), v128.load(BEFORE + word), active));
  }
}

/**
 * Hashes the four inputs of `setLane` under `key` (address of 32 bytes) and leaves their chaining values in CHAIN.
 * `first` and `last` are the flags of each input's first and last block. Reads up to 1088 bytes past an input's end.
 */
export function hashLanes(key: usize, first: u32, last: u32): void {
  startChain(key);
  const counters = v128.load(COUNTERS);
  const whole = i32x4.splat(BLOCK_BYTES);
  const lastFlags = i32x4.splat(last);
  let flags = i32x4.splat(KEYED | first);
  let remaining = v128.load(LENGTHS);
  let active = i32x4.splat(-1);
  let offset: usize = 0;
  do {
    const taken = i32x4.max_s(i32x4.min_s(remaining, whole), i32x4.splat(0));
    loadMessage(offset, taken);
    const ending = v128.and(i32x4.le_s(remaining, whole), lastFlags);
    if (i32x4.all_true(active)) compress(counters, taken, v128.or(flags, ending));
    else compressActive(active, counters, taken, v128.or(flags, ending));
    flags = i32x4.splat(KEYED);
    offset += BLOCK_BYTES;
    remaining = i32x4.sub(remaining, whole);
    active = i32x4.gt_s(remaining, i32x4.splat(0));
  } while (v128.any_true(active));
}

/** Writes the chaining value of each lane to its target, as the 32 bytes of a digest. */
export function storeDigests(t0: usize, t1: usize, t2: usize, t3: usize): void {
  storeHalf(0, t0, t1, t2, t3);
  storeHalf(16, t0, t1, t2, t3);
}

function storeHalf(at: usize, t0: usize, t1: usize, t2: usize, t3: usize): void {
  const words = CHAIN + at * 4;
  transpose(words, v128.load(words, 0), v128.load(words, 16), v128.load(words, 32), v128.load(words, 48));
  v128.store(t0 + at, v128.load(words, 0));
  v128.store(t1 + at, v128.load(words, 16));
  v128.store(t2 + at, v128.load(words, 32));
  v128.store(t3 + at, v128.load(words, 48));
}
