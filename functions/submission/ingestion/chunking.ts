import type { CompiledContract } from '../../../shared/contract/compiled.ts';
import type { ReadRecord } from '../../../shared/reading/records.ts';

export interface ChunkLimits {
  readonly records: number;
  readonly bytes: number;
}

/** What a later stage holds in memory at once. */
export const CHUNK_LIMITS: ChunkLimits = { records: 10_000, bytes: 4 * 1024 * 1024 };
/** A token (`tok_<version>_` and 32 characters) at its longest, in quotes. */
const TOKEN_BYTES = 48;

/** Where a chunk ends. The same upload under the same contract is cut alike by every attempt. */
export class Chunker {
  readonly #limits: ChunkLimits;
  readonly #perRecord: number;
  #records = 0;
  #bytes = 0;

  constructor({ fields, personal }: CompiledContract, limits: ChunkLimits = CHUNK_LIMITS) {
    this.#limits = limits;
    // What a line of NDJSON adds to the record's own bytes: names, quotes and commas, and tokens for short values.
    const names = fields.reduce((sum, { name }) => sum + Buffer.byteLength(name) + 6, 32);
    this.#perRecord = names + personal.length * TOKEN_BYTES;
  }

  /** Whether this record begins a new chunk; counts it where it goes. */
  begins({ range }: ReadRecord): boolean {
    const bytes = range.end - range.start + this.#perRecord;
    const { records: most, bytes: room } = this.#limits;
    const full = this.#records > 0 && (this.#records === most || this.#bytes + bytes > room);
    this.#records = full ? 1 : this.#records + 1;
    this.#bytes = full ? bytes : this.#bytes + bytes;
    return full;
  }
}
