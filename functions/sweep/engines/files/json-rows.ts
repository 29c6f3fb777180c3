/** Gives JSON objects to a row: the members that it wants, by name. */
import { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { RowWriter } from '../row-writer.ts';
import { visitMembers } from './json-scan.ts';
import { jsonTypeAt, unescaped } from './json-type.ts';

const BACKSLASH = 0x5c;

export class JsonRows {
  /** Each name that is wanted, once, and for every slot of the row the index of its name. */
  readonly #names: readonly Uint8Array[];
  readonly #slots: readonly number[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #notes = new ColumnNotes('name');
  /** Where the next name probably is: documents of one kind have their members in one order. */
  #expected = 0;

  constructor(natives: readonly string[]) {
    const names = [...new Set(natives)];
    this.#names = names.map((name) => new TextEncoder().encode(name));
    this.#slots = natives.map((name) => names.indexOf(name));
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
  }

  /** The object that is the text from `start` to `end`; true when its row went into the batch. */
  give(source: Uint8Array, start: number, end: number, row: RowWriter): boolean {
    this.#starts.fill(-1);
    this.#expected = 0;
    visitMembers(source, start, end, (nameStart, nameEnd, valueStart, valueEnd) => {
      const index = this.#indexOf(source, nameStart, nameEnd);
      if (index < 0) return;
      // RFC 8259, section 4: what a name means that stands twice, nobody knows.
      if (this.#starts[index] !== -1) throw new Problem('payload-malformed', { detail: 'A member stands twice.' });
      this.#starts[index] = valueStart;
      this.#ends[index] = valueEnd;
    });
    row.begin(end - start);
    for (const name of this.#slots) {
      if (row.dropped) break;
      const from = this.#starts[name] ?? -1;
      if (from < 0) row.absent();
      else if (jsonTypeAt(source[from]) === undefined) row.null();
      else row.value(source, from, this.#ends[name] ?? from);
    }
    return row.end();
  }

  #indexOf(source: Uint8Array, start: number, end: number): number {
    if (source.subarray(start, end).includes(BACKSLASH)) {
      const name = new TextEncoder().encode(unescaped(source, start - 1, end + 1, this.#notes));
      return this.#names.findIndex((wanted) => same(wanted, name, 0, name.length));
    }
    for (let step = 0; step < this.#names.length; step++) {
      const index = (this.#expected + step) % this.#names.length;
      const wanted = this.#names[index];
      if (wanted === undefined || !same(wanted, source, start, end)) continue;
      this.#expected = index + 1;
      return index;
    }
    return -1;
  }
}

function same(wanted: Uint8Array, source: Uint8Array, start: number, end: number): boolean {
  if (wanted.length !== end - start) return false;
  for (let index = 0; index < wanted.length; index++) if (wanted[index] !== source[start + index]) return false;
  return true;
}
