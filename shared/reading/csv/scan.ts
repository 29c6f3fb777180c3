/**
 * Finds where a row of RFC 4180 ends and where its cells lie; it resumes where the block ended. A row ends at LF or
 * CR LF outside quotes. It is strict: a quote inside an unquoted cell, anything but a comma or the row's end after a
 * closing quote, and a CR alone leave no certain boundary after them, so that they are faults of the payload.
 */
import { Problem } from '../../problem.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

const UNQUOTED = 0;
const CELL_START = 1;
const QUOTED = 2;
/** After a quote in a quoted cell: its end, or the first of two that stand for one. */
const QUOTE_SEEN = 3;
/** After a CR outside quotes, which only LF may follow. */
const RETURN_SEEN = 4;

/** Bytes that mean something in an unquoted cell. */
function specialBytes(delimiter: number): Uint8Array {
  const special = new Uint8Array(256);
  for (const byte of [LINE_FEED, CARRIAGE_RETURN, QUOTE, delimiter]) special[byte] = 1;
  return special;
}

/** Cells beyond these are counted and not kept: more than any contract has fields. */
const KEPT_CELLS = 1024;

export class CsvScan {
  /** Cells of the row so far; the last one may be open. */
  cells = 0;
  /** Where each cell's text begins and ends, from the row's start, quotes left out. */
  readonly starts = new Int32Array(KEPT_CELLS);
  readonly ends = new Int32Array(KEPT_CELLS);
  /** 1 where the cell is quoted. */
  readonly quoted = new Uint8Array(KEPT_CELLS);
  /** Length of the row without its line end. */
  length = 0;
  readonly #delimiter: number;
  readonly #special: Uint8Array;
  #state = CELL_START;

  /** `delimiter`: the byte between cells, for files that have another one than RFC 4180. */
  constructor(delimiter = COMMA) {
    this.#delimiter = delimiter;
    this.#special = specialBytes(delimiter);
  }

  reset(): void {
    this.cells = 0;
    this.length = 0;
    this.#state = CELL_START;
    this.quoted[0] = 0;
    this.starts[0] = 0;
  }

  /** Whether the payload ends inside quotes. */
  get insideQuotes(): boolean {
    return this.#state === QUOTED;
  }

  /**
   * Scans on from `from`, which lies `origin` bytes after the row's start. Returns the index after the row's line end,
   * or -1 when the row goes on past the block. `at` is the payload offset of the block, for the fault's place.
   */
  scan(block: Uint8Array, from: number, origin: number, at: number): number {
    const shift = origin - from;
    const to = block.length;
    const special = this.#special;
    const delimiter = this.#delimiter;
    let state = this.#state;
    let index = from;
    while (index < to) {
      if (state === UNQUOTED) {
        while (index < to && special[block[index] ?? 0] === 0) index += 1;
        if (index >= to) break;
      } else if (state === QUOTED) {
        while (index < to && block[index] !== QUOTE) index += 1;
        if (index >= to) break;
      }
      const byte = block[index] ?? 0;
      if (state === QUOTED) {
        this.#end(index + shift);
        state = QUOTE_SEEN;
      } else if (state === QUOTE_SEEN && byte === QUOTE) {
        state = QUOTED;
      } else if (state === RETURN_SEEN) {
        if (byte !== LINE_FEED) throw malformed(at + index, 'a line feed after the carriage return');
        return this.#rowEnd(index, index + shift - 1);
      } else if (byte === delimiter) {
        if (state !== QUOTE_SEEN) this.#end(index + shift);
        this.#nextCell(index + shift + 1);
        state = CELL_START;
      } else if (byte === LINE_FEED) {
        if (state !== QUOTE_SEEN) this.#end(index + shift);
        return this.#rowEnd(index, index + shift);
      } else if (byte === CARRIAGE_RETURN) {
        if (state !== QUOTE_SEEN) this.#end(index + shift);
        state = RETURN_SEEN;
      } else if (byte === QUOTE && state === CELL_START) {
        if (this.cells < KEPT_CELLS) {
          this.quoted[this.cells] = 1;
          this.starts[this.cells] = index + shift + 1;
        }
        state = QUOTED;
      } else if (state === QUOTE_SEEN) {
        throw malformed(at + index, 'a comma or the end of the line after a closing quote');
      } else if (byte === QUOTE) {
        throw malformed(at + index, 'no quote inside an unquoted cell');
      } else {
        state = UNQUOTED;
      }
      index += 1;
    }
    this.#state = state;
    return -1;
  }

  /** The payload ends `origin` bytes after the row's start. */
  finish(origin: number): void {
    if (this.#state === RETURN_SEEN) this.#rowEnd(0, origin - 1);
    else {
      if (this.#state !== QUOTE_SEEN) this.#end(origin);
      this.#rowEnd(0, origin);
    }
  }

  #end(position: number): void {
    if (this.cells < KEPT_CELLS) this.ends[this.cells] = position;
  }

  #nextCell(position: number): void {
    this.cells += 1;
    if (this.cells < KEPT_CELLS) {
      this.starts[this.cells] = position;
      this.quoted[this.cells] = 0;
    }
  }

  #rowEnd(index: number, length: number): number {
    this.cells += 1;
    this.length = length;
    return index + 1;
  }
}

const malformed = (at: number, expected: string): Problem =>
  new Problem('payload-malformed', { detail: `At byte ${at}: expected ${expected}.` });
