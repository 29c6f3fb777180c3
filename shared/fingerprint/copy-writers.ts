import { ColumnNotes } from '../canonical/notes.ts';
import { fromPostgresBinary } from '../canonical/postgres/binary.ts';
import type { FieldWriter } from '../canonical/writer.ts';
import type { CopyColumns } from './copy-feed.ts';

export function copyWriters({ columns, notes }: CopyColumns): readonly FieldWriter[] {
  return columns.map(({ name, engineType, type }, index) =>
    fromPostgresBinary(engineType, type, notes[index] ?? new ColumnNotes(name)),
  );
}
