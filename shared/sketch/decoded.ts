import type { ItemKey } from './item.ts';

/** One row that differs in how often the sides have it. */
export interface DecodedItem {
  readonly key: ItemKey;
  /** The first 16 bytes of the row's PRF, as a little-endian number. */
  readonly prf: bigint;
  /** How many more of it the source has than the target; negative: how many fewer. Never 0. */
  readonly multiplicity: number;
}

export interface Decoded {
  readonly items: readonly DecodedItem[];
  /** False when something is left that does not decode: then `items` are some of the differences, and not all. */
  readonly complete: boolean;
}
