import { headerBytes, truncated, tupleBytes } from '../canonical/postgres/copy-format.ts';
import type { CopyFeed } from './copy-feed.ts';
import { CopyMessages } from './copy-messages.ts';

/** Is told of every tuple: it stands in `source` from `at` on, without its count of fields, and with it takes `bytes`. */
export type TakeTuple = (source: Uint8Array, at: number, bytes: number) => void;

/** Cuts the data of a COPY into tuples. */
export class TupleFeed implements CopyFeed {
  rows = 0;
  readonly #columns: number;
  readonly #take: TakeTuple;
  /** What of the pieces so far was no whole tuple. */
  #rest: Uint8Array = new Uint8Array(0);
  #state: 'header' | 'tuples' | 'end' = 'header';
  #messages = new CopyMessages((piece) => this.push(piece));

  constructor(columns: number, take: TakeTuple) {
    this.#columns = columns;
    this.#take = take;
  }

  push(piece: Uint8Array): void {
    const source = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    if (this.#state === 'header') {
      const header = headerBytes(source);
      if (header !== undefined) this.#state = 'tuples';
      at = header ?? 0;
    }
    if (this.#state === 'tuples') at = this.#tuples(source, at);
    // The piece may be its sender's memory, and be used again.
    this.#rest = new Uint8Array(source.subarray(at));
  }

  pushMessages(bytes: Uint8Array): number {
    return this.#messages.take(bytes);
  }

  restart(): void {
    this.#rest = new Uint8Array(0);
    this.#state = 'header';
    this.#messages = new CopyMessages((piece) => this.push(piece));
  }

  finish(): void {
    if (this.#state !== 'end') throw truncated();
  }

  #tuples(source: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      const bytes = tupleBytes(source, at, source.length, this.#columns);
      if (bytes === 'end') this.#state = 'end';
      if (bytes === 'end' || bytes === 0) return at;
      this.#take(source, at + 2, bytes);
      this.rows += 1;
      at += bytes;
    }
  }
}
