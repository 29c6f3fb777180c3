/** Tables of whole numbers and texts in every engine, for cases that are about rows and not about values. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { CSV_NULL, csvCell, type Grounds, type Side } from './grounds.ts';

export const ENGINES = ['postgres', 'mysql', 'dynamodb', 'csv', 'ndjson', 'json', 'parquet'] as const;
export type PlainEngine = (typeof ENGINES)[number];
export type PlainKind = 'integer' | 'text';
type Value = number | string | null;

export interface PlainTable {
  readonly columns: Readonly<Record<string, PlainKind>>;
  /** The primary key; none: rows may stand several times. */
  readonly key: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** What contracts call the types. Keys of MySQL are of a length that an index takes. */
export const PLAIN_NATIVE: Readonly<Record<PlainEngine, Readonly<Record<PlainKind, string>>>> = {
  postgres: { integer: 'bigint', text: 'text' },
  mysql: { integer: 'bigint(20)', text: 'varchar(300)' },
  dynamodb: { integer: 'N', text: 'S' },
  csv: { integer: 'text', text: 'text' },
  ndjson: { integer: 'number', text: 'string' },
  json: { integer: 'number', text: 'string' },
  parquet: { integer: 'INT64', text: 'STRING' },
};

/** DynamoDB has a key of one or two columns, and every row once. */
export function canHold(engine: PlainEngine, { key }: PlainTable): boolean {
  return engine !== 'dynamodb' || key.length === 1 || key.length === 2;
}

export function plainSide(grounds: Grounds, engine: PlainEngine, table: PlainTable): Promise<Side> {
  const name = grounds.name();
  switch (engine) {
    case 'postgres':
      return inPostgres(grounds, name, table);
    case 'mysql':
      return inMysql(grounds, name, table);
    case 'dynamodb':
      return inDynamoDb(grounds, name, table);
    default:
      return grounds.fileSide(name, engine, contentOf(engine, table));
  }
}

const SQL_NAME = (name: string, quote: string): string => `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;

function definition({ columns, key }: PlainTable, engine: 'postgres' | 'mysql', quote: string): string {
  const primary = key.length === 0 ? [] : [`PRIMARY KEY (${key.map((name) => SQL_NAME(name, quote)).join(', ')})`];
  const fields = Object.entries(columns).map(
    ([name, kind]) =>
      `${SQL_NAME(name, quote)} ${PLAIN_NATIVE[engine][kind]} ${key.includes(name) ? 'NOT NULL' : 'NULL'}`,
  );
  return [...fields, ...primary].join(', ');
}

async function inPostgres(grounds: Grounds, name: string, table: PlainTable): Promise<Side> {
  await grounds.admin.query(`CREATE TABLE ${name} (${definition(table, 'postgres', '"')})`);
  const width = Object.keys(table.columns).length;
  const places = table.rows.map(
    (_, row) => `(${Array.from({ length: width }, (__, column) => `$${row * width + column + 1}`).join(', ')})`,
  );
  if (places.length > 0) {
    await grounds.admin.query(`INSERT INTO ${name} VALUES ${places.join(', ')}`, table.rows.flat());
  }
  return grounds.postgresSide(name);
}

async function inMysql(grounds: Grounds, name: string, table: PlainTable): Promise<Side> {
  const { owner } = grounds.maria;
  const collation = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin';
  await owner.query(`CREATE TABLE ${name} (${definition(table, 'mysql', '`')}) ${collation}`);
  if (table.rows.length > 0) await owner.query(`INSERT INTO ${name} VALUES ?`, [table.rows]);
  return grounds.mysqlSide(name);
}

function inDynamoDb(grounds: Grounds, name: string, { columns, key, rows }: PlainTable): Promise<Side> {
  const names = Object.keys(columns);
  const attribute = (value: Value): AttributeValue =>
    value === null ? { NULL: true } : typeof value === 'number' ? { N: String(value) } : { S: value };
  return grounds.dynamoSide(
    name,
    key.map((part) => ({ name: part, type: columns[part] === 'integer' ? 'N' : 'S' })),
    rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index] ?? '', attribute(value)]))),
  );
}

function contentOf(engine: 'csv' | 'ndjson' | 'json' | 'parquet', { columns, rows }: PlainTable): string | Uint8Array {
  const names = Object.keys(columns);
  if (engine === 'csv') {
    const cell = (value: Value): string => (value === null ? CSV_NULL : csvCell(String(value)));
    return [names.map(csvCell), ...rows.map((row) => row.map(cell))].map((cells) => `${cells.join(',')}\n`).join('');
  }
  if (engine === 'parquet') return parquetOf(columns, rows);
  const documents = rows.map((row) =>
    JSON.stringify(Object.fromEntries(row.map((value, index) => [names[index] ?? '', value]))),
  );
  return engine === 'json' ? `[${documents.join(',')}]` : `${documents.join('\n')}\n`;
}

function parquetOf(columns: PlainTable['columns'], rows: PlainTable['rows']): Uint8Array {
  const entries = Object.entries(columns);
  const schema: SchemaElement[] = [
    { name: 'root', num_children: entries.length },
    ...entries.map(
      ([name, kind]): SchemaElement =>
        kind === 'integer'
          ? { name, repetition_type: 'OPTIONAL', type: 'INT64' }
          : { name, repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    ),
  ];
  const columnData = entries.map(([name], column) => ({
    name,
    data: rows.map((row) => {
      const value = row[column] ?? null;
      return typeof value === 'number' ? BigInt(value) : value;
    }),
  }));
  return new Uint8Array(parquetWriteBuffer({ schema, columnData, rowGroupSize: 10, statistics: false }));
}
