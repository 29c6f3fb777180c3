import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { KeysSeen } from '../../../shared/sketch/accumulator.ts';
import { EvenSample } from '../../../shared/verdict/buckets.ts';

/** Kept of a stretch, or up to twice as many. */
const KEYS_PER_STRETCH = 64;
/** One row in so many is looked at: a map needs no more, and it must cost nothing. */
const STRIDE = 8;
/** Longer keys would make the result of one partition larger than that of another. */
const MAXIMUM_KEY_BYTES = 96;

/** Some of the source's keys, evenly spread over its rows, as bounds for the buckets of the heat map. */
export class KeySample {
  readonly #sample = new EvenSample<Uint8Array>(KEYS_PER_STRETCH);
  readonly #wanted: boolean;
  #next = 0;

  constructor(side: SideName, keyColumns: number) {
    this.#wanted = side === 'source' && keyColumns > 0;
  }

  readonly look: KeysSeen = (rows, keyOf) => {
    if (!this.#wanted) return;
    for (; this.#next < rows; this.#next += STRIDE) {
      const row = this.#next;
      this.#sample.offer(() => keyOf(row).slice());
    }
    this.#next -= rows;
  };

  get keys(): readonly Uint8Array[] {
    return this.#sample.items.filter((key) => key.length <= MAXIMUM_KEY_BYTES);
  }
}
