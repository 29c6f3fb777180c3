import type { ColumnNotes } from '../canonical/notes.ts';
import type { PostgresColumn } from '../canonical/postgres/program.ts';

/** Takes the data of a COPY in binary format, in pieces of any size, and puts canonical rows into a batch. */
export interface CopyFeed {
  /** Tuples so far. */
  readonly rows: number;
  push(piece: Uint8Array): void;
  /**
   * The same as they come from the server: takes the CopyData messages at the beginning of `bytes`, the last of which may go on in the next
   * piece, and returns where another message begins, or the length of `bytes`.
   */
  pushMessages(bytes: Uint8Array): number;
  /** To be called before each COPY after the first: they are fed one after the other. */
  restart(): void;
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
