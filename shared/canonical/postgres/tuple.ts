import { type FieldWriter, fieldBound, writeNull } from '../writer.ts';
import { int32 } from './read.ts';

/** Where the parts of a row that was written end in the target; reused from row to row. */
export interface RowEnds {
  keyEnd: number;
  end: number;
}

/** The most that a row can take whose tuple has so many bytes, in so many columns. */
export function rowBound(tupleBytes: number, columns: number): number {
  return fieldBound(tupleBytes) + columns * fieldBound(0);
}

/**
 * Writes one tuple of COPY BINARY as a canonical row. `source` holds it from `start` on: for each column its length (int32, −1 for NULL)
 * and its bytes. The first `keyColumns` writers are those of the key.
 */
export function writeTuple(
  writers: readonly FieldWriter[],
  keyColumns: number,
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  at: number,
  ends: RowEnds,
): void {
  let from = start;
  let to = at;
  ends.keyEnd = at;
  for (let column = 0; column < writers.length; column++) {
    const length = int32(source, from);
    from += 4;
    if (length < 0) {
      to = writeNull(target, to);
    } else {
      to = writers[column]?.(source, from, from + length, target, to) ?? to;
      from += length;
    }
    if (column === keyColumns - 1) ends.keyEnd = to;
  }
  ends.end = to;
}
