const BLOCK = 2 ** 15;

/** A set of ordinals in one bit each: a run may hold millions of records. */
export class OrdinalSet {
  readonly #blocks = new Map<number, Uint8Array>();

  /** False when it was there already. */
  add(ordinal: number): boolean {
    const number = Math.floor(ordinal / BLOCK);
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint8Array(BLOCK / 8);
      this.#blocks.set(number, block);
    }
    const bit = ordinal % BLOCK;
    const byte = block[bit >> 3] ?? 0;
    const mask = 1 << (bit & 7);
    block[bit >> 3] = byte | mask;
    return (byte & mask) === 0;
  }
}
