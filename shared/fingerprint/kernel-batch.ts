import { Problem } from '../problem.ts';
import type { Kernel } from './kernel/kernel.ts';
import { littleEndian, PRF_BYTES } from './prf.ts';
import { BATCH_BYTES, BATCH_ROWS, type RowBatch } from './row-batch.ts';

/** Where the kernel's memory holds a batch that has just been hashed; the parameters of the kernel's other functions. */
export interface HashedBatch {
  readonly start: number;
  readonly ends: number;
  readonly keyEnds: number;
  readonly count: number;
  readonly digests: number;
  readonly chains: number;
}

export interface BatchRegion {
  readonly start: number;
  readonly end: number;
  readonly ends: number;
  readonly keyEnds: number;
  readonly count: number;
}

/** `hashInput` in assembly/inputs.ts: 32 bytes per 1024 of the longest row and 96 more. */
const chainBytes = (rowBytes: number): number => Math.ceil(rowBytes / 1024) * 32 + 96;
/** `hashLanes` in assembly/lanes.ts reads so far past a row's end. */
const READ_BEYOND = 1088;
/** Addresses are 32 bits wide, and the sketch lies in the same memory. */
const MAXIMUM_ROW_BYTES = 2 ** 30;

/** Rows in the kernel's memory, hashed there and summed there. */
export class KernelBatch implements RowBatch {
  target = new Uint8Array(0);
  at = 0;
  readonly kernel: Kernel;
  readonly #hashed: (batch: HashedBatch) => void;
  readonly #key: number;
  readonly #sum: number;
  readonly #ends: number;
  readonly #keyEnds: number;
  readonly #digests: number;
  #start = 0;
  #capacity = 0;
  #chains = 0;
  #endWords = new Uint32Array(0);
  #keyEndWords = new Uint32Array(0);
  #count = 0;
  #total = 0n;

  /** `hashed` is told of every batch, while its rows and digests are still there. */
  constructor(kernel: Kernel, rowKey: Uint8Array, hashed: (batch: HashedBatch) => void = () => {}) {
    this.kernel = kernel;
    this.#hashed = hashed;
    this.#key = kernel.allocate(rowKey.length);
    kernel.store(this.#key, rowKey);
    this.#sum = kernel.allocate(PRF_BYTES);
    this.#ends = kernel.allocate(BATCH_ROWS * 4);
    this.#keyEnds = kernel.allocate(BATCH_ROWS * 4);
    this.#digests = kernel.allocate(BATCH_ROWS * PRF_BYTES);
    this.#enlarge(BATCH_BYTES);
  }

  reserve(bytes: number): void {
    if (this.at + bytes <= this.target.length) return;
    this.flush();
    if (bytes > this.target.length) this.#enlarge(Math.max(bytes, 2 * this.target.length));
  }

  commit(keyEnd: number, end: number): void {
    if (end > this.target.length) throw new Problem('internal-failure', { detail: 'A row outgrew its reservation.' });
    this.#endWords[this.#count] = end;
    this.#keyEndWords[this.#count] = keyEnd;
    this.at = end;
    this.#count += 1;
    if (this.#count === BATCH_ROWS) this.flush();
  }

  /** Where a writer inside the kernel writes: addresses, and how many rows wait already. */
  get region(): BatchRegion {
    return {
      start: this.#start,
      end: this.#start + this.target.length,
      ends: this.#ends,
      keyEnds: this.#keyEnds,
      count: this.#count,
    };
  }

  /** To be called after an allocation in the kernel: views may have been detached. */
  refresh(): void {
    this.target = this.kernel.bytes(this.#start, this.#capacity);
    this.#endWords = this.kernel.words(this.#ends, BATCH_ROWS);
    this.#keyEndWords = this.kernel.words(this.#keyEnds, BATCH_ROWS);
  }

  /** Takes what such a writer has written: there are `count` rows now, and they end at `at`. */
  adopt(count: number, at: number): void {
    this.#count = count;
    this.at = at;
  }

  flush(): void {
    if (this.#count === 0) return;
    const { call } = this.kernel;
    call.hashRows(this.#key, this.#start, this.#ends, this.#count, this.#digests, this.#chains);
    call.addDigests(this.#sum, this.#digests, this.#count);
    this.#hashed({
      start: this.#start,
      ends: this.#ends,
      keyEnds: this.#keyEnds,
      count: this.#count,
      digests: this.#digests,
      chains: this.#chains,
    });
    this.#total += BigInt(this.#count);
    this.#count = 0;
    this.at = 0;
  }

  /** How many rows were committed. */
  get count(): bigint {
    return this.#total + BigInt(this.#count);
  }

  /** The sum of the PRFs of all rows committed. */
  sum(): bigint {
    this.flush();
    return littleEndian(this.kernel.bytes(this.#sum, PRF_BYTES));
  }

  #enlarge(bytes: number): void {
    if (bytes > MAXIMUM_ROW_BYTES) throw new Problem('record-too-large', { detail: 'A row exceeds 1 GiB.' });
    this.#start = this.kernel.allocate(bytes + READ_BEYOND);
    this.#chains = this.kernel.allocate(chainBytes(bytes));
    this.#capacity = bytes;
    this.refresh();
  }
}
