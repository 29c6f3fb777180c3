// The kernel's exports. Memory belongs to the host: every address is its own, from `base` on.
import { flush, hashInput } from './inputs';
import { addDigests } from './sum';

/** First byte of the memory that the kernel does not use itself. */
export function base(): usize {
  return __heap_base;
}

/**
 * Hashes `count` rows under the key at `key` into `digests` (32 bytes each, in row order). The rows lie one behind the other from
 * `start` on; `ends` says where each one ends (u32, counted from `start`). See `hashInput` for `chains`.
 */
export function hashRows(key: usize, start: usize, ends: usize, count: u32, digests: usize, chains: usize): void {
  let from = start;
  for (let row: u32 = 0; row < count; row++) {
    const to = start + load<u32>(ends + row * 4);
    hashInput(key, from, <u32>(to - from), digests + row * 32, chains);
    from = to;
  }
  flush(key);
}

export { insertItems, mergeCells } from './cells';
export { makeItems } from './items';
export { takeMessages } from './messages';
export { peelCells, subtractCells } from './peel';
export { insertStrata, mergeStrata } from './strata';
export { writeTuples } from './tuples';
export { addDigests };
