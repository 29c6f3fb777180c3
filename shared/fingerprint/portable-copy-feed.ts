import { headerBytes, truncated, tupleBytes } from '../canonical/postgres/copy-format.ts';
import { type RowEnds, rowBound, writeTuple } from '../canonical/postgres/tuple.ts';
import type { FieldWriter } from '../canonical/writer.ts';
import type { CopyColumns, CopyFeed } from './copy-feed.ts';
import { copyWriters } from './copy-writers.ts';
import type { RowBatch } from './row-batch.ts';

/** Row by row, by the writers of shared/canonical/postgres/. */
export class PortableCopyFeed implements CopyFeed {
  readonly #table: CopyColumns;
  readonly #writers: readonly FieldWriter[];
  readonly #rows: RowBatch;
  readonly #ends: RowEnds = { keyEnd: 0, end: 0 };
  /** What of the pieces so far was no whole tuple. */
  #rest: Uint8Array = new Uint8Array(0);
  #state: 'header' | 'tuples' | 'end' = 'header';

  constructor(table: CopyColumns, rows: RowBatch) {
    this.#table = table;
    this.#rows = rows;
    this.#writers = copyWriters(table);
  }

  push(piece: Uint8Array): void {
    const source = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    if (this.#state === 'header') {
      const header = headerBytes(source);
      if (header !== undefined) this.#state = 'tuples';
      at = header ?? 0;
    }
    if (this.#state === 'tuples') at = this.#write(source, at);
    // The piece may be its sender's memory, and be used again.
    this.#rest = new Uint8Array(source.subarray(at));
  }

  finish(): void {
    if (this.#state !== 'end') throw truncated();
  }

  #write(source: Uint8Array, from: number): number {
    const columns = this.#table.columns.length;
    let at = from;
    for (;;) {
      const bytes = tupleBytes(source, at, source.length, columns);
      if (bytes === 'end') this.#state = 'end';
      if (bytes === 'end' || bytes === 0) return at;
      this.#rows.reserve(rowBound(bytes, columns));
      writeTuple(this.#writers, this.#table.keyColumns, source, at + 2, this.#rows.target, this.#rows.at, this.#ends);
      this.#rows.commit(this.#ends.keyEnd, this.#ends.end);
      at += bytes;
    }
  }
}
