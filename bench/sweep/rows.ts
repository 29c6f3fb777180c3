/** The table that is swept in the benchmarks: nine columns, some 130 bytes a row, and how its copy drifts. */
import type { ColumnType } from '../../shared/canonical/column-type.ts';
import type { ColumnDraft } from '../../test/support/sweep/contract.ts';

interface BenchColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly postgres: string;
  readonly mariadb: string;
}

export const COLUMNS: readonly BenchColumn[] = [
  { name: 'id', type: { kind: 'integer' }, postgres: 'bigint', mariadb: 'bigint(20)' },
  { name: 'branch', type: { kind: 'integer' }, postgres: 'integer', mariadb: 'int(11)' },
  { name: 'customer', type: { kind: 'text' }, postgres: 'text', mariadb: 'varchar(64)' },
  { name: 'street', type: { kind: 'text' }, postgres: 'text', mariadb: 'varchar(64)' },
  { name: 'amount', type: { kind: 'decimal' }, postgres: 'numeric(12,2)', mariadb: 'decimal(12,2)' },
  {
    name: 'booked',
    type: { kind: 'instant', precision: 6 },
    postgres: 'timestamp with time zone',
    mariadb: 'timestamp(6)',
  },
  { name: 'open', type: { kind: 'boolean' }, postgres: 'boolean', mariadb: 'tinyint(1)' },
  { name: 'rate', type: { kind: 'float64' }, postgres: 'double precision', mariadb: 'double' },
  { name: 'reference', type: { kind: 'uuid' }, postgres: 'uuid', mariadb: 'uuid' },
];

export const KEY = 'id';
/** Row i of a million has this key: keys have gaps, in which rows can turn up that the source lacks. */
export const KEY_STEP = 7;

export const selectList = (): string => COLUMNS.map(({ name }) => name).join(', ');

export function contractColumns(target: 'postgres' | 'mariadb'): readonly ColumnDraft[] {
  return COLUMNS.map((column) => ({
    name: column.name,
    type: column.type,
    source: { type: column.postgres },
    target: { type: column[target] },
  }));
}

/** Shares of the rows that differ. Each drift contains the smaller ones, so that a copy can be made to drift further where it stands. */
export const DRIFTS = [0, 0.0001, 0.01, 0.5] as const;
export type Drift = (typeof DRIFTS)[number];

/** One row in so many differs. */
export const strideOf = (drift: Drift): number => Math.round(1 / drift);

// Of ten rows that differ, about one is missing in the copy, and one has a neighbour there that the source lacks; the others have changed.
const CLASS_DIVISOR = 99_991;
const MISSING = 8;
const EXTRA = 9;

/** SQL that both engines understand, over the column `id`. */
export function driftStatements(table: string, rows: number, drift: Drift): readonly string[] {
  if (drift === 0) return [];
  const step = KEY_STEP * strideOf(drift);
  const of = (kind: string): string =>
    `id % ${step} = 0 AND ((id / ${KEY_STEP}) % ${CLASS_DIVISOR}) % 10 ${kind} AND id <= ${rows * KEY_STEP}`;
  return [
    `DELETE FROM ${table} WHERE ${of(`= ${MISSING}`)}`,
    `UPDATE ${table} SET rate = (id / ${KEY_STEP}) * 1.1 + 1 WHERE ${of(`< ${MISSING}`)}`,
    `DELETE FROM ${table} WHERE id % ${KEY_STEP} = 1`,
    `INSERT INTO ${table} SELECT id + 1, ${COLUMNS.slice(1)
      .map(({ name }) => name)
      .join(', ')} FROM ${table} WHERE ${of(`= ${EXTRA}`)}`,
  ];
}

export interface Differences {
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
}

export function expectedDifferences(rows: number, drift: Drift): Differences {
  const found = { missing: 0, extra: 0, changed: 0 };
  if (drift === 0) return found;
  const stride = strideOf(drift);
  for (let row = stride; row <= rows; row += stride) {
    const kind = (row % CLASS_DIVISOR) % 10;
    if (kind === MISSING) found.missing += 1;
    else if (kind === EXTRA) found.extra += 1;
    else found.changed += 1;
  }
  return found;
}
