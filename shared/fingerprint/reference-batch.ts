import { Problem } from '../problem.ts';
import { littleEndian, prf } from './prf.ts';
import { BATCH_BYTES, type RowBatch } from './row-batch.ts';

/** Rows hashed one by one with @noble/hashes: the reference, and the fallback without WebAssembly or its SIMD. */
export class ReferenceBatch implements RowBatch {
  target = new Uint8Array(BATCH_BYTES);
  readonly at = 0;
  count = 0n;
  readonly #rowKey: Uint8Array;
  readonly #hashed: (digest: Uint8Array, key: Uint8Array) => void;
  #sum = 0n;

  /** `hashed` is told of every row: its PRF and the canonical bytes of its key. */
  constructor(rowKey: Uint8Array, hashed: (digest: Uint8Array, key: Uint8Array) => void = () => {}) {
    this.#rowKey = rowKey;
    this.#hashed = hashed;
  }

  reserve(bytes: number): void {
    if (bytes > this.target.length) this.target = new Uint8Array(Math.max(bytes, 2 * this.target.length));
  }

  commit(keyEnd: number, end: number): void {
    if (end > this.target.length) throw new Problem('internal-failure', { detail: 'A row outgrew its reservation.' });
    const digest = prf(this.#rowKey, this.target.subarray(0, end));
    this.#sum = BigInt.asUintN(256, this.#sum + littleEndian(digest));
    this.count += 1n;
    this.#hashed(digest, this.target.subarray(0, keyEnd));
  }

  flush(): void {}

  sum(): bigint {
    return this.#sum;
  }
}
