import type { RowWriter } from '../row-writer.ts';
import { readValue } from './raw-rows.ts';

/** Hands the values of row packets to a row: those of its slots, in order; behind them the server has sent the key for the next bound. */
export class RowReader {
  readonly #slots: number;
  readonly #row: RowWriter;
  readonly #span = { start: 0, end: 0 };

  constructor(slots: number, row: RowWriter) {
    this.#slots = slots;
    this.#row = row;
  }

  /** True when the row went into the batch. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const span = this.#span;
    const row = this.#row;
    row.begin(end - start);
    let at = start;
    for (let slot = 0; slot < this.#slots && !row.dropped; slot++) {
      at = readValue(bytes, at, span);
      if (span.start < 0) row.null();
      else row.value(bytes, span.start, span.end);
    }
    return row.end();
  }

  /** The texts behind the slots. */
  key(bytes: Uint8Array, start: number, end: number): readonly string[] {
    const span = { start: 0, end: 0 };
    const texts: string[] = [];
    let at = start;
    for (let index = 0; at < end; index++) {
      at = readValue(bytes, at, span);
      if (index >= this.#slots) texts.push(Buffer.from(bytes.subarray(span.start, span.end)).toString('utf8'));
    }
    return texts;
  }
}
