import { Problem } from '../../../../shared/problem.ts';
import { CsvScan } from '../../../../shared/reading/csv/scan.ts';

/** A row longer than this has lost a quote somewhere before. */
const MAXIMUM_ROW_BYTES = 256 * 1024 * 1024;

/** Cuts the blocks of a CSV file into rows, without copying them; one that goes over the end of a block is continued in the next. */
export class CsvRows {
  /** The present row's cells lie in `text`, at `origin` + `starts[i]` up to `origin` + `ends[i]`. */
  text: Uint8Array = new Uint8Array(0);
  origin = 0;
  readonly #scan: CsvScan;
  /** Offset in the file of `text`. */
  #base: number;
  /** How much of `text` has been scanned: up to the end of the present row, where there is one. */
  #scanned = 0;
  #present = false;
  #ended = false;

  /** `offset`: where in the file the first block begins, which is where a row begins. */
  constructor(delimiter: string, offset: number) {
    this.#scan = new CsvScan(delimiter.charCodeAt(0));
    this.#scan.reset();
    this.#base = offset;
  }

  /** Cells of the present row; more than 1024 are only counted. */
  get cells(): number {
    return this.#scan.cells;
  }

  get starts(): Int32Array {
    return this.#scan.starts;
  }

  get ends(): Int32Array {
    return this.#scan.ends;
  }

  /** 1 where a cell is quoted. */
  get quoted(): Uint8Array {
    return this.#scan.quoted;
  }

  /** Bytes of the present row, without its line end. */
  get length(): number {
    return this.#scan.length;
  }

  /** Offset in the file of what comes after the present row. */
  get next(): number {
    return this.#base + this.#scanned;
  }

  feed(block: Uint8Array): void {
    this.#leave();
    const kept = this.text.subarray(this.origin);
    if (kept.length > MAXIMUM_ROW_BYTES)
      throw new Problem('record-too-large', { detail: 'A row of a file has no end.' });
    this.#base += this.origin;
    this.#scanned -= this.origin;
    this.origin = 0;
    this.text = kept.length === 0 ? block : Buffer.concat([kept, block]);
  }

  /** No block comes any more: what is left is a row, whose line end is optional. */
  end(): void {
    this.#ended = true;
  }

  /** Goes to the next row; false when what was fed completes none. Throws Problem('payload-malformed' or 'payload-truncated'). */
  advance(): boolean {
    this.#leave();
    if (this.#scanned < this.text.length) {
      const next = this.#scan.scan(this.text, this.#scanned, this.#scanned - this.origin, this.#base);
      this.#scanned = next < 0 ? this.text.length : next;
      this.#present = next >= 0;
    }
    if (!this.#present && this.#ended && this.origin < this.text.length) {
      if (this.#scan.insideQuotes) throw new Problem('payload-truncated', { detail: 'A file ends inside quotes.' });
      this.#scan.finish(this.text.length - this.origin);
      this.#present = true;
    }
    return this.#present;
  }

  #leave(): void {
    if (!this.#present) return;
    this.#present = false;
    this.origin = this.#scanned;
    this.#scan.reset();
  }
}
