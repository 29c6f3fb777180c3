import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import type { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import type { FieldWriter } from '../../../../shared/canonical/writer.ts';
import type { Json, SchemaColumn } from '../engine.ts';
import type { RowWriter } from '../row-writer.ts';
import type { ByteSource, FileVersion } from './byte-source.ts';

/** A part of a file that can be read by itself. */
export interface FilePart {
  /** Opaque outside the format. */
  readonly range: Json;
  readonly bytes: number;
  readonly estimatedRows: number;
}

export interface FileColumns {
  readonly columns: readonly SchemaColumn[];
  /** True where these are only what the beginning of the file holds. */
  readonly sampled: boolean;
}

/** After each stretch of rows: how many went into the batch, and the range that is left (undefined: no place to stop). */
export interface FileStep {
  readonly rows: number;
  readonly rest: Json | undefined;
}

/** How rows lie in a file. */
export interface FileFormat {
  columns(source: ByteSource, file: FileVersion): Promise<FileColumns>;
  /** Parts that together are the file, none of more than about `bytes` where the format can be cut at all. */
  parts(source: ByteSource, file: FileVersion, bytes: number): Promise<readonly FilePart[]>;
  /** Gives the rows of a part to the writer: of each, the values of `natives` in that order. */
  rows(
    source: ByteSource,
    file: FileVersion,
    range: Json,
    natives: readonly string[],
    row: RowWriter,
  ): AsyncIterable<FileStep>;
  /** How the bytes of a column become a field; `native` is the type that the contract gives it, where it does. */
  writer(native: string | undefined, declared: ColumnType, notes: ColumnNotes): FieldWriter;
}
