/**
 * What the sketch holds of a row: the first 16 bytes of its PRF, and its key in a slot.
 *
 * Sixteen bytes of a keyed PRF tell any two rows apart (2³³ rows collide with a probability below 2⁻⁶²), they add up to the
 * lower half of the sum of the whole PRFs, and with them a cell is one cache line. Whether the sides are equal is decided by the sums of all
 * 32 bytes, never here.
 */
import { littleEndian, prf } from '../fingerprint/prf.ts';
import { type SketchPlan, TABLES } from './plan.ts';

export const ITEM_PRF_BYTES = 16;
export const ITEM_PRF_BITS = 8 * ITEM_PRF_BYTES;
const ID_BYTES = 16;
/** First byte of a slot that holds a keyed id; otherwise it is the length of the key. */
const KEYED_ID = 0xff;

export interface Item {
  /** The first 16 bytes of the row's PRF, as a little-endian number. */
  readonly prf: bigint;
  /** The slot as a little-endian number: one byte for the key's length, the key, zeros; all zeros for a row without key. */
  readonly slot: bigint;
}

/** What a slot says: a key, an id that a second, key-only scan resolves, or nothing. Bytes are canonical. */
export type ItemKey =
  | { readonly kind: 'key'; readonly bytes: Uint8Array }
  | { readonly kind: 'id'; readonly id: Uint8Array }
  | { readonly kind: 'none' };

/** `key` is the canonical bytes of the row's key, empty when it has none. */
export function makeItem(plan: SketchPlan, keyIdKey: Uint8Array, rowPrf: Uint8Array, key: Uint8Array): Item {
  return {
    prf: littleEndian(rowPrf.subarray(0, ITEM_PRF_BYTES)),
    slot: littleEndian(
      key.length < plan.slotBytes
        ? Uint8Array.of(key.length, ...key)
        : Uint8Array.of(KEYED_ID, ...keyId(keyIdKey, key)),
    ),
  };
}

/** The id that stands for a key too long for its slot: the first 16 bytes of its keyed BLAKE3. */
export function keyId(keyIdKey: Uint8Array, key: Uint8Array): Uint8Array {
  return prf(keyIdKey, key).slice(0, ID_BYTES);
}

/** What stands in the bytes of a slot; a copy. */
export function readSlot(bytes: Uint8Array): ItemKey {
  const [length = 0] = bytes;
  if (length === 0) return { kind: 'none' };
  if (length === KEYED_ID) return { kind: 'id', id: bytes.slice(1, 1 + ID_BYTES) };
  return { kind: 'key', bytes: bytes.slice(1, 1 + length) };
}

/** A number as `length` bytes, the least significant one first. */
export function toBytes(number: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0, rest = number; index < length; index++, rest >>= 8n) bytes[index] = Number(rest & 0xffn);
  return bytes;
}

/** What `CellKeys` (cell-keys.ts) gives to the functions below. */
interface PositionKeys {
  readonly whitening: readonly number[];
  readonly check: readonly bigint[];
}

/**
 * The cell of an item in each table. Word i of the PRF, whitened by the cell key, is scaled to table i. The PRF is itself a keyed
 * hash of the whole row, and a row begins with its key: so the position depends on the pair, as it must for a changed row to decode.
 */
export function positionsOf(plan: SketchPlan, keys: PositionKeys, item: Item): readonly number[] {
  return Array.from({ length: TABLES }, (_, table) => {
    const word = Number((item.prf >> BigInt(32 * table)) & 0xffff_ffffn) ^ (keys.whitening[table] ?? 0);
    const cell = Number((BigInt(word >>> 0) * BigInt(plan.cellsPerTable)) >> 32n);
    return table * plan.cellsPerTable + cell;
  });
}

/**
 * The check of an item: Σ (w₂ᵢ + k₂ᵢ)(w₂ᵢ₊₁ + k₂ᵢ₊₁) mod 2⁶⁴ over its 64-bit words w, PRF first, under the cell key's words k; a missing
 * last word counts as zero.
 *
 * It is bilinear in two words of a PRF, which nobody without the row key can foresee: that, and that the sums in a cell are exact, is what it
 * leans on. A cell of several different rows passes for a pure one with a probability of at most 34 T / 2⁶⁴ for T cells a table, whatever
 * keys and multiplicities somebody chose for the rows. docs/sketch-check.md has the argument, and why a false pass costs an answer and
 * never makes a wrong one.
 */
export function checkOf(plan: SketchPlan, keys: PositionKeys, item: Item): bigint {
  const words = (ITEM_PRF_BYTES + plan.slotBytes) / 8;
  const all = item.prf | (item.slot << BigInt(ITEM_PRF_BITS));
  const word = (index: number): bigint => BigInt.asUintN(64, (all >> BigInt(64 * index)) + (keys.check[index] ?? 0n));
  let check = 0n;
  for (let index = 0; index < words; index += 2) check += word(index) * word(index + 1);
  return BigInt.asUintN(64, check);
}
