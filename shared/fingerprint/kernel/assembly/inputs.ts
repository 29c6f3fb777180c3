// Many inputs of any length: those of up to one chunk wait in a queue per number of blocks until four can go through the
// lanes together; longer ones are hashed at once, four of their chunks at a time.
import { CHUNK_BYTES, CHUNK_END, CHUNK_START, hashLanes, PARENT, ROOT, setLane, storeDigests } from './lanes';

/** Queue q holds inputs of q + 1 blocks: up to four entries of (start, length, target), 3 × u32 each. */
const QUEUES: usize = 16;
const ENTRY: usize = 12;
const QUEUE_BYTES: usize = 4 * ENTRY;
const ENTRIES: usize = memory.data(768, 16);
const FILLED: usize = memory.data(64, 16);
/** Where lanes without an input write. */
const NOWHERE: usize = memory.data(32, 16);

function targetOf(entry: usize): usize {
  return load<u32>(entry, 8);
}

function hashEntries(key: usize, entries: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    const entry = entries + lane * ENTRY;
    setLane(lane, load<u32>(entry), load<u32>(entry, 4), 0);
  }
  hashLanes(key, CHUNK_START, CHUNK_END | ROOT);
  storeDigests(
    targetOf(entries),
    targetOf(entries + ENTRY),
    targetOf(entries + 2 * ENTRY),
    targetOf(entries + 3 * ENTRY),
  );
}

/**
 * Hashes `length` bytes at `start` under `key` into the 32 bytes at `target`, now or at `flush`. One key at a time.
 * `chains` is room for long inputs: 32 bytes for every 1024 of the longest, and 96 more.
 */
export function hashInput(key: usize, start: usize, length: u32, target: usize, chains: usize): void {
  if (length > CHUNK_BYTES) {
    hashLong(key, start, length, target, chains);
    return;
  }
  const queue: usize = length === 0 ? 0 : (length - 1) >> 6;
  const filled: usize = load<u32>(FILLED + queue * 4);
  const entries = ENTRIES + queue * QUEUE_BYTES;
  const entry = entries + filled * ENTRY;
  store<u32>(entry, <u32>start);
  store<u32>(entry, length, 4);
  store<u32>(entry, <u32>target, 8);
  if (filled === 3) {
    hashEntries(key, entries);
    store<u32>(FILLED + queue * 4, 0);
  } else {
    store<u32>(FILLED + queue * 4, <u32>filled + 1);
  }
}

/** Hashes what waits in the queues: an incomplete one is filled up with its own first entry. */
export function flush(key: usize): void {
  for (let queue: usize = 0; queue < QUEUES; queue++) {
    const filled: usize = load<u32>(FILLED + queue * 4);
    if (filled === 0) continue;
    const entries = ENTRIES + queue * QUEUE_BYTES;
    for (let lane: usize = filled; lane < 4; lane++) {
      memory.copy(entries + lane * ENTRY, entries, 8);
      store<u32>(entries + lane * ENTRY, <u32>NOWHERE, 8);
    }
    hashEntries(key, entries);
    store<u32>(FILLED + queue * 4, 0);
  }
}

/** BLAKE3 specification, section 2.1: chunks are the leaves of a tree whose left subtrees are complete. */
function hashLong(key: usize, start: usize, length: u32, target: usize, chains: usize): void {
  let nodes = (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
  for (let chunk: u32 = 0; chunk < nodes; chunk += 4) {
    for (let lane: u32 = 0; lane < 4; lane++) {
      const number = min(chunk + lane, nodes - 1);
      const offset = number * CHUNK_BYTES;
      setLane(lane, start + offset, min(CHUNK_BYTES, length - offset), number);
    }
    hashLanes(key, CHUNK_START, CHUNK_END);
    storeFour(chains + chunk * 32);
  }
  // Joining neighbours and handing an odd last node up unchanged gives that tree, level by level and in place.
  while (nodes > 2) {
    const pairs = nodes >> 1;
    for (let pair: u32 = 0; pair < pairs; pair += 4) {
      for (let lane: u32 = 0; lane < 4; lane++) setLane(lane, chains + min(pair + lane, pairs - 1) * 64, 64, 0);
      hashLanes(key, PARENT, 0);
      storePairs(chains, pair, pairs);
    }
    if (nodes & 1) memory.copy(chains + pairs * 32, chains + (nodes - 1) * 32, 32);
    nodes = pairs + (nodes & 1);
  }
  for (let lane: usize = 0; lane < 4; lane++) setLane(lane, chains, 64, 0);
  hashLanes(key, PARENT, ROOT);
  storeDigests(target, NOWHERE, NOWHERE, NOWHERE);
}

function storeFour(target: usize): void {
  storeDigests(target, target + 32, target + 64, target + 96);
}

/** Lanes past the last pair hold copies of it; writing them would overwrite nodes that are still to be read. */
function storePairs(chains: usize, pair: u32, pairs: u32): void {
  const target = chains + pair * 32;
  storeDigests(
    target,
    pair + 1 < pairs ? target + 32 : NOWHERE,
    pair + 2 < pairs ? target + 64 : NOWHERE,
    pair + 3 < pairs ? target + 96 : NOWHERE,
  );
}
