// The items of the sketch. An item is the first half of a row's PRF and the row's key in a slot of planned width:
// 16 + `slot` bytes; `slot` is a multiple of 8, at least 24.
import { flush, hashInput } from './inputs';

export const PRF_BYTES: usize = 16;
/** First byte of a slot that holds a keyed id, because the key was too long for it; otherwise it is the key's length. */
const KEYED_ID: u32 = 0xff;

/**
 * Makes the item of every row. `start` and `ends` are the rows as `hashRows` took them, `digests` what it gave; `keyEnds` (u32
 * each) is where the key, the first fields of the row, ends. `ids` is room for 32 bytes a row. A row without key has an empty slot.
 */
export function makeItems(
  idKey: usize,
  start: usize,
  ends: usize,
  keyEnds: usize,
  count: u32,
  digests: usize,
  slot: usize,
  items: usize,
  ids: usize,
  chains: usize,
): void {
  let from = start;
  for (let row: u32 = 0; row < count; row++) {
    const length = start + load<u32>(keyEnds + row * 4) - from;
    if (length >= slot) hashInput(idKey, from, <u32>length, ids + row * 32, chains);
    from = start + load<u32>(ends + row * 4);
  }
  flush(idKey);

  from = start;
  let item = items;
  for (let row: u32 = 0; row < count; row++) {
    const length = start + load<u32>(keyEnds + row * 4) - from;
    v128.store(item, v128.load(digests + row * 32));
    if (length >= slot) storeId(item + PRF_BYTES, slot, ids + row * 32);
    else storeKey(item + PRF_BYTES, slot, from, length);
    item += PRF_BYTES + slot;
    from = start + load<u32>(ends + row * 4);
  }
}

/** The length in one byte, the `length` bytes at `key`, then zeros up to `slot`: eight bytes at a time. */
function storeKey(target: usize, slot: usize, key: usize, length: usize): void {
  store<u64>(target, firstBytes((load<u64>(key) << 8) | length, length + 1));
  for (let at: usize = 8; at < slot; at += 8) {
    store<u64>(target + at, at > length ? 0 : firstBytes(load<u64>(key + at - 1), length + 1 - at));
  }
}

function firstBytes(word: u64, bytes: usize): u64 {
  return bytes < 8 ? word & (((<u64>1) << (<u64>bytes * 8)) - 1) : word;
}

/** The tag, the first 16 bytes of the id, then zeros. */
function storeId(target: usize, slot: usize, id: usize): void {
  memory.fill(target, 0, slot);
  store<u8>(target, KEYED_ID);
  memory.copy(target + 1, id, 16);
}
