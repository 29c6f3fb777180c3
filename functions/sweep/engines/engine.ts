/**
 * The port of an engine: what a sweep asks of PostgreSQL, MySQL, DynamoDB and files alike.
 *
 * Every implementation promises: names are only names and values are only values, whatever they are; row filters and masks have been
 * applied to whatever leaves it; values are exact, or the read fails; memory is bounded by a batch and the longest row; nothing that it
 * logs or throws holds a value. The promises are the cases of test/conformance/engine.cases.ts.
 */
import type { LossyRule } from '../../../shared/canonical/notes.ts';
import type { Masks } from '../../../shared/equivalence/mask.ts';
import type { Relation } from '../../../shared/equivalence/relation.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface SchemaColumn {
  readonly name: string;
  /** As the engine's catalogue spells it, with length, precision and scale: `numeric(12,2)`, `bigint(20) unsigned`, `N`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Of texts: its name, where what it takes for equal need not be the same bytes. */
  readonly collation?: string;
}

export interface RelationSchema {
  /** In the engine's order. Of documents and text files: what is declared or was met in a sample, see `sampled`. */
  readonly columns: readonly SchemaColumn[];
  /** Sets of columns that the engine itself keeps unique and not NULL, the primary key first. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** True where the engine declares no columns: another name may turn up in the next document. */
  readonly sampled: boolean;
}

export interface Snapshot {
  /** `frozen`: every reader that is given `share` reads one unchanging state, as long as this engine stays open. */
  readonly consistency: 'frozen' | 'settled';
  /** Where the read stands, for the verdict: a WAL position, a list of versions' digest, a time. No payload. */
  readonly position: string;
  /** For other workers' `open`: makes them read the same state. Undefined when there is nothing to share. */
  readonly share: Json | undefined;
}

/** A part of one side. All parts of a plan together hold every row of the relation exactly once. */
export interface Partition {
  /** Opaque outside the engine, and good in any process that opens the same place. Payload: bounds are keys of rows. Never logged. */
  readonly bounds: Json;
  /** Rows that statistics promise. */
  readonly estimatedRows: number;
}

/** Given after each stretch of rows: the reader may stop here. */
export interface ScanStep {
  /** Rows that went into the batch since the step before (those that a filter dropped do not count). */
  readonly rows: number;
  /** What would be left to scan if it stopped here; undefined when this is no place to stop. */
  readonly rest: Partition | undefined;
}

/** What the rules of a contract changed in one column, by rule. `absent`: absences read as NULL. */
export interface ColumnCounts {
  readonly column: string;
  readonly changed: Readonly<Record<LossyRule | 'absent', number>>;
}

/** Iterated once. Leaving the loop early ends the read at the engine. When it ends by itself, the partition was read to its end. */
export interface Scan extends AsyncIterable<ScanStep> {
  /** Of the rows so far; one entry per compared column. */
  counts(): readonly ColumnCounts[];
}

export interface ScanOptions {
  /** `key`: rows consist of their key fields only. Default: all compared columns. */
  readonly columns?: 'key' | 'all';
}

/** A row that was read again. `fields` are its canonical fields in the order of the relation's columns, masked where the contract masks. */
export interface FoundRow {
  readonly key: Uint8Array;
  readonly fields: readonly Uint8Array[];
}

/** A relation, read under a contract. */
export interface Reader {
  /** About `target` parts of about equal size, at least one. */
  plan(target: number): Promise<readonly Partition[]>;
  /** Writes the canonical row of every row of the partition into `rows`, and commits it there. The caller flushes. */
  scan(partition: Partition, rows: RowBatch, options?: ScanOptions): Scan;
  /**
   * Reads rows again by key: the canonical fields of the key columns, one behind the other, as a scan wrote them. A key that no row has is
   * missing from the answer, one that several have stands there several times. Where a key cannot be turned back into values (it is masked,
   * or a rule lost something of it) this takes a scan; see `keyed`.
   */
  lookup(keys: readonly Uint8Array[]): Promise<readonly FoundRow[]>;
  /** Whether `lookup` goes by the engine's own keys, and takes no scan. */
  readonly keyed: boolean;
}

/** One place, opened: a table, or a set of files. */
export interface Engine {
  /** Names the place itself, whatever name or address led to it, so that nothing is compared with itself. Holds no credential. */
  identity(): Promise<string>;
  schema(): Promise<RelationSchema>;
  /** Begins the state that this engine reads from then on, and says what it is. At most once, before the first reader. */
  snapshot(): Promise<Snapshot>;
  /**
   * Throws Problem('schema-changed') with a pointer to every column that is not there or is of another type than the contract says, and
   * Problem('configuration-invalid') for a canonical type that cannot be read from that native type.
   */
  read(relation: Relation, masks: Masks): Promise<Reader>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** `share` of another engine's snapshot: read the same state. Throws Problem('snapshot-gone') when that is over. */
  readonly share?: Json;
}
