/** From the canonical key of a row back to a condition that finds it. */
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { rowCodec } from '../../../../shared/canonical/row.ts';
import type { CanonicalValue } from '../../../../shared/canonical/spelling.ts';
import type { Relation, RelationColumn } from '../../../../shared/equivalence/relation.ts';
import type { Catalog, CatalogColumn } from './catalog.ts';
import { type Condition, type RangeColumn, Variables } from './key-range.ts';
import { keyTypeOf } from './key-type.ts';
import { printForLookup } from './print-key.ts';
import { quoteName } from './quote.ts';

export interface LookupKey {
  readonly columns: readonly RangeColumn[];
  /** The values of a canonical key as texts; undefined for a key that no row of this table can have. */
  readonly texts: (key: Uint8Array) => readonly string[] | undefined;
}

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year'];
const TEXTS = ['char', 'varchar'];
const BYTES = ['binary', 'varbinary'];

/**
 * Native types in which a canonical value has one form, by kind. A number in a text has several, and so has a UUID. Where the database finds
 * more than the value itself (by a collation, by cutting what is too long), the row's own key tells.
 */
const ONE_FORM: Partial<Record<ColumnType['kind'], readonly string[]>> = {
  integer: [...INTEGERS, 'decimal'],
  decimal: [...INTEGERS, 'decimal'],
  boolean: INTEGERS,
  text: TEXTS,
  bytes: BYTES,
  uuid: ['uuid', 'binary'],
  date: ['date'],
  datetime: ['datetime'],
  instant: ['timestamp', 'datetime'],
  time: ['time'],
};

/** Undefined when a key cannot be turned back into values, or when no index begins with one of its columns. */
export function lookupKeyOf(relation: Relation, { columns, keys }: Catalog): LookupKey | undefined {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const keyColumns = relation.columns.slice(0, relation.keyColumns);
  const found = keyColumns.flatMap((column): RangeColumn[] => {
    const native = byName.get(column.native.name);
    const type = native && turnsBack(column, native) ? keyTypeOf(native) : undefined;
    return native && type ? [{ column: native, type }] : [];
  });
  const isIndexed = keys.some((key) => found.some(({ column }) => column.name === key.columns[0]?.name));
  if (found.length === 0 || found.length < keyColumns.length || !isIndexed) return undefined;
  const codec = rowCodec(keyColumns);
  return {
    columns: found,
    texts: (key) => {
      const values = codec.decode(key);
      const texts = found.map(({ column }, index) => textOf(values[index], column));
      const known = texts.filter((text) => text !== undefined);
      return known.length < texts.length ? undefined : known;
    },
  };
}

function turnsBack({ type, masked }: RelationColumn, { dataType }: CatalogColumn): boolean {
  const lossy =
    ('padding' in type && type.padding !== undefined) ||
    ('normalization' in type && type.normalization !== undefined) ||
    ('scale' in type && type.scale !== undefined) ||
    ('excess' in type && type.excess !== undefined);
  return !masked && !lossy && ONE_FORM[type.kind]?.includes(dataType) === true;
}

function textOf(value: CanonicalValue | null | undefined, column: CatalogColumn): string | undefined {
  if (value === null || value === undefined) return undefined;
  return printForLookup(value, column.dataType === 'uuid');
}

/** Rows that have one of the keys, and perhaps others. */
export function lookupCondition({ columns, texts }: LookupKey, keys: readonly Uint8Array[]): Condition {
  const variables = new Variables();
  const alternatives = keys.flatMap((key) => {
    const values = texts(key);
    if (values === undefined) return [];
    const equal = columns.map(({ column, type }, index) => {
      const variable = variables.add(type.bind(values[index] ?? ''));
      return `${quoteName(column.name)} = ${type.value(column, variable)}`;
    });
    return [`(${equal.join(' AND ')})`];
  });
  return { sql: alternatives.length === 0 ? 'FALSE' : alternatives.join(' OR '), values: variables.values };
}
