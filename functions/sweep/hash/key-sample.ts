import type { SideName } from '../../../shared/equivalence/relation.ts';
import { KernelBatch } from '../../../shared/fingerprint/kernel-batch.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';
import { EvenSample } from '../../../shared/verdict/buckets.ts';

/** Taken of the rows that wait in a batch, at each place where a read may stop. */
const KEYS_PER_STEP = 64;
/** Kept of a stretch. */
const KEYS_PER_STRETCH = 64;
/** Longer keys would make the result of a partition larger than that of another. */
const MAXIMUM_KEY_BYTES = 96;

/**
 * Some of the source's keys, spread over the rows, as bounds for the buckets of the heat map. They are read from the kernel's memory, where
 * they lie anyway; the reference keeps none, and the map is then one bucket.
 */
export class KeySample {
  readonly #sample = new EvenSample<Uint8Array>(KEYS_PER_STRETCH);
  readonly #wanted: boolean;

  constructor(side: SideName, keyColumns: number) {
    this.#wanted = side === 'source' && keyColumns > 0;
  }

  /** To be called between two stretches of rows. */
  look(rows: RowBatch): void {
    if (!this.#wanted || !(rows instanceof KernelBatch)) return;
    const { ends, keyEnds, count } = rows.region;
    const endWords = rows.kernel.words(ends, count);
    const keyEndWords = rows.kernel.words(keyEnds, count);
    const stride = Math.max(1, Math.floor(count / KEYS_PER_STEP));
    for (let row = 0; row < count; row += stride) {
      const start = row === 0 ? 0 : (endWords[row - 1] ?? 0);
      const end = keyEndWords[row] ?? start;
      if (end - start <= MAXIMUM_KEY_BYTES) this.#sample.offer(() => rows.target.slice(start, end));
    }
  }

  get keys(): readonly Uint8Array[] {
    return this.#sample.items;
  }
}
