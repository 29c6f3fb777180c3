import type { Engine, Json } from '../../../functions/sweep/engines/engine.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';

/** NULL is null, absent is undefined (an engine without absences is not given any). */
export type LogicalValue = CanonicalValue | null | undefined;

export interface LogicalColumn {
  /** Its name in the engine, whatever it is. */
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export interface LogicalTable {
  /** Its name in the engine. */
  readonly name: string;
  readonly columns: readonly LogicalColumn[];
  /** Columns of the primary key; none: rows may stand several times. */
  readonly key: readonly string[];
  readonly rows: readonly (readonly LogicalValue[])[];
}

export interface Place {
  readonly endpoint: Endpoint;
  open(share?: Json): Promise<Engine>;
}

/** An engine under test: a real server, or real files. */
export interface EngineHarness extends AsyncDisposable {
  /** Whether rows without a key may be stored, and the same row twice. */
  readonly keyless: boolean;
  readonly absences: boolean;
  /** Whether lookups by a key of this type go by the engine's own index. */
  keyed(type: ColumnType): boolean;
  /** The native type under which it holds a canonical type; undefined when it has none. */
  nativeType(type: ColumnType, isKey: boolean): string | undefined;
  /** Whether that type can hold this value. */
  holds(type: ColumnType, value: CanonicalValue): boolean;
  /** Makes the table anew, with its rows. */
  create(table: LogicalTable): Promise<Place>;
}
