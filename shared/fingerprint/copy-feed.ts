import type { ColumnNotes } from '../canonical/notes.ts';
import type { PostgresColumn } from '../canonical/postgres/program.ts';

/** Takes the data of a COPY in binary format, in pieces of any size, and puts canonical rows into a batch. */
export interface CopyFeed {
  /** Tuples so far. */
  readonly rows: number;
  push(piece: Uint8Array): void;
  /** To be called after the last piece; throws when the data have no end: rows are missing then. */
  finish(): void;
}

/** What a feed is told of a table. */
export interface CopyColumns {
  /** Key columns first. */
  readonly columns: readonly PostgresColumn[];
  readonly keyColumns: number;
  /** One per column, in the same order. */
  readonly notes: readonly ColumnNotes[];
}
