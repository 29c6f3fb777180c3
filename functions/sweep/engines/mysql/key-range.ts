/** The key that a table is cut by, and conditions on it. */
import { Problem } from '../../../../shared/problem.ts';
import type { Bounds, KeyText } from './bounds.ts';
import type { Catalog, CatalogColumn } from './catalog.ts';
import { type KeyType, keyTypeOf } from './key-type.ts';
import { quoteName } from './quote.ts';
import type { BoundValue } from './session.ts';

export interface RangeColumn {
  readonly column: CatalogColumn;
  readonly type: KeyType;
}

/** An index, by its first columns. */
export interface RangeKey {
  readonly index: string;
  readonly columns: readonly RangeColumn[];
  /** Whether the columns are the whole of the key: a row can then be found again by them. */
  readonly unique: boolean;
}

/** The primary key, else the first that will do, as far as bounds can be given for its columns; undefined when there is none. */
export function rangeKeyOf({ keys }: Catalog): RangeKey | undefined {
  for (const { name, columns } of keys) {
    const typed = columns.map((column) => ({ column, type: keyTypeOf(column) }));
    const end = typed.findIndex(({ type }) => type === undefined);
    const usable = (end < 0 ? typed : typed.slice(0, end)).flatMap(({ column, type }) =>
      type ? [{ column, type }] : [],
    );
    if (usable.length > 0) return { index: name, columns: usable, unique: usable.length === columns.length };
  }
  return undefined;
}

/** A condition, and the values of its variables in order. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly BoundValue[];
}

/**
 * `key >= from AND key < to` over several columns. MySQL uses no index for `(a, b) >= (x, y)`, so that it is written out, the first column's
 * bound in front.
 */
export function rangeCondition(
  { columns }: RangeKey,
  { from, exclusive, to }: Bounds,
  variables = new Variables(),
): Condition {
  const parts = [
    ...(from === undefined ? [] : [compare(columns, from, exclusive ? '>' : '>=', variables)]),
    ...(to === undefined ? [] : [compare(columns, to, '<', variables)]),
  ];
  return { sql: parts.length === 0 ? 'TRUE' : parts.join(' AND '), values: variables.values };
}

/** Names for values: `@p0`, `@p1` … */
export class Variables {
  readonly values: BoundValue[] = [];

  add(value: BoundValue): string {
    this.values.push(value);
    return `@p${this.values.length - 1}`;
  }
}

function compare(
  columns: readonly RangeColumn[],
  key: KeyText,
  operator: '>' | '>=' | '<',
  variables: Variables,
): string {
  const terms = key.map((text, index) => {
    const part = columns[index];
    if (part === undefined) throw new Problem('evidence-invalid', { detail: 'A bound has more columns than the key.' });
    return {
      name: quoteName(part.column.name),
      value: part.type.value(part.column, variables.add(part.type.bind(text))),
    };
  });
  const strict = operator.charAt(0);
  const alternatives = terms.map(({ name, value }, index) => {
    const equal = terms.slice(0, index).map((term) => `${term.name} = ${term.value}`);
    // A bound of fewer columns than the key: `>` it means after every row that begins with it, and `<` before the first.
    return [...equal, `${name} ${index === terms.length - 1 ? operator : strict} ${value}`].join(' AND ');
  });
  const [first] = terms;
  if (first === undefined || alternatives.length === 1) return alternatives.join('');
  return `${first.name} ${strict}= ${first.value} AND ((${alternatives.join(') OR (')}))`;
}

/** `a, b`, or `a DESC, b DESC`. */
export function orderBy({ columns }: RangeKey, direction: 'ASC' | 'DESC' = 'ASC'): string {
  return columns.map(({ column }) => `${quoteName(column.name)} ${direction}`).join(', ');
}

/** The key's columns, printed. */
export function printKey({ columns }: RangeKey): string {
  return columns.map(({ column, type }) => type.print(column)).join(', ');
}
