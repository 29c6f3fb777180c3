import type { ColumnNotes } from '../notes.ts';
import { type FieldWriter, fieldBound, writeNull } from '../writer.ts';
import { fromPostgresBinary } from './binary.ts';
import type { PostgresColumn } from './program.ts';
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

/** A column's writer with what surrounds it: NULL (`end` below `start`) and the mask. */
export function columnWriter({ engineType, type, notNull, mask }: PostgresColumn, notes: ColumnNotes): FieldWriter {
  const write = fromPostgresBinary(engineType, type, notes);
  return (source, start, end, target, at) => {
    if (end < start && notNull === true) notes.refuse('field-type', 'not NULL');
    const next = end < start ? writeNull(target, at) : write(source, start, end, target, at);
    return mask === undefined ? next : mask(target, at, next);
  };
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
    to = writers[column]?.(source, from, from + length, target, to) ?? to;
    from += Math.max(length, 0);
    if (column === keyColumns - 1) ends.keyEnd = to;
  }
  ends.end = to;
}
