/** Relations for tests of engines, made from the tables that they are to read. */

import type { Partition, Reader, ScanOptions } from '../../../functions/sweep/engines/engine.ts';
import { KeptRows } from '../../../functions/sweep/engines/kept-rows.ts';
import { type Column, rowCodec } from '../../../shared/canonical/row.ts';
import { createMasks } from '../../../shared/equivalence/mask.ts';
import type { Relation, RelationColumn, RelationFilter } from '../../../shared/equivalence/relation.ts';
import type { EngineHarness, LogicalTable, Place } from './harness.ts';

export const masks = createMasks(new Uint8Array(32).fill(3));

/** What may differ from the plain relation of a table. */
export interface RelationChanges {
  /** Compared columns, by their names in the engine; the key first. Default: all. */
  readonly columns?: readonly string[];
  readonly keyColumns?: number;
  readonly filters?: readonly Pick<RelationFilter, 'native' | 'where'>[];
  readonly column?: (column: RelationColumn) => RelationColumn;
}

export function relationFor(
  harness: EngineHarness,
  place: Place,
  table: LogicalTable,
  changes: RelationChanges = {},
): Relation {
  const keyed = changes.columns ?? [...table.key, ...table.columns.map(({ name }) => name)];
  const names = [...new Set(keyed)];
  const columnOf = (name: string, index: number): RelationColumn => {
    const column = table.columns.find((other) => other.name === name);
    if (column === undefined) throw new Error(`No column ${name}.`);
    const { type, nullable } = column;
    const native = harness.nativeType(type, table.key.includes(name)) ?? '?';
    const plain = {
      name: `c${index}`,
      type,
      masked: false,
      nullable,
      absentIsNull: false,
      native: { name, type: native },
    };
    return changes.column?.(plain) ?? plain;
  };
  return {
    side: 'source',
    endpoint: place.endpoint,
    columns: names.map(columnOf),
    keyColumns: changes.keyColumns ?? table.key.length,
    filters: (changes.filters ?? []).map((filter, index) => {
      const type = table.columns.find(({ name }) => name === filter.native.name)?.type ?? { kind: 'text' };
      return { ...filter, name: `f${index}`, type, absentIsNull: false };
    }),
  };
}

/** The canonical rows that the reference encoding makes of a table, in hexadecimal and in order: a multiset. */
export function expectedRows(table: LogicalTable, relation: Relation): string[] {
  const columns: Column[] = relation.columns.map(({ name, type }) => ({ name, type }));
  const positions = relation.columns.map(({ native }) => table.columns.findIndex(({ name }) => name === native.name));
  const codec = rowCodec(columns);
  return table.rows
    .map((row) => Buffer.from(codec.encode(positions.map((position) => row[position]))).toString('hex'))
    .sort();
}

/** The rows that a scan of these partitions gives, likewise. */
export async function scannedRows(
  reader: Reader,
  partitions: readonly Partition[],
  options: ScanOptions = {},
): Promise<string[]> {
  const rows: string[] = [];
  for (const partition of partitions) {
    const kept = new KeptRows();
    let count = 0;
    for await (const step of reader.scan(partition, kept, options)) count += step.rows;
    if (count !== kept.rows.length) throw new Error('The steps count other rows than were committed.');
    rows.push(...kept.rows.map(({ fields }) => Buffer.concat(fields).toString('hex')));
  }
  return rows.sort();
}
