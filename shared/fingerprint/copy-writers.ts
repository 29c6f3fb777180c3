import { ColumnNotes } from '../canonical/notes.ts';
import { columnWriter } from '../canonical/postgres/tuple.ts';
import type { FieldWriter } from '../canonical/writer.ts';
import type { CopyColumns } from './copy-feed.ts';

export function copyWriters({ columns, notes }: CopyColumns): readonly FieldWriter[] {
  return columns.map((column, index) => columnWriter(column, notes[index] ?? new ColumnNotes(column.name)));
}
