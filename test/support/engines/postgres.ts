/** A PostgreSQL for the cases of every engine. */
import type pg from 'pg';
import { openPostgres } from '../../../functions/sweep/engines/postgres/engine.ts';
import { identifier } from '../../../functions/sweep/engines/postgres/quote.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { EndpointOf } from '../../../shared/equivalence/schema.ts';
import type { EngineHarness, LogicalTable, LogicalValue } from './harness.ts';
import { startPostgres } from './postgres-server.ts';
import { printValue } from './print.ts';

const NATIVE: Partial<Record<ColumnType['kind'], string>> = {
  integer: 'bigint',
  decimal: 'numeric',
  float32: 'real',
  float64: 'double precision',
  boolean: 'boolean',
  text: 'text',
  bytes: 'bytea',
  uuid: 'uuid',
  instant: 'timestamp with time zone',
  date: 'date',
  time: 'time without time zone',
  datetime: 'timestamp without time zone',
  json: 'jsonb',
};

const ROWS_PER_INSERT = 500;
const DAY = 86_400_000_000_000n;

export async function postgresHarness(consistency: 'frozen' | 'settled'): Promise<EngineHarness> {
  const server = await startPostgres();
  const admin = await server.connect();
  return {
    keyless: true,
    absences: false,
    keyed: () => true,
    nativeType,
    holds,
    create: async (table) => {
      await createTable(admin, table);
      const endpoint: EndpointOf<'postgres'> = {
        engine: 'postgres',
        connection: 'test',
        consistency,
        schema: 'public',
        table: table.name,
      };
      return {
        endpoint,
        open: (share) => openPostgres(endpoint, server.place, share === undefined ? {} : { share }),
      };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function nativeType(type: ColumnType): string | undefined {
  if (type.kind !== 'array' && type.kind !== 'set') return NATIVE[type.kind];
  const element = NATIVE[type.element.kind];
  return element && `${element}[]`;
}

function holds(_type: ColumnType, value: CanonicalValue): boolean {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  if (typeof value !== 'object') return true;
  if ('time' in value) return value.time >= 0n && value.time <= DAY;
  if ('date' in value) return typeof value.date === 'string' || value.date.day > 0;
  if ('datetime' in value) return typeof value.datetime === 'string' || value.datetime.day > 0;
  return true;
}

async function createTable(admin: pg.Client, { name, columns, key, rows }: LogicalTable): Promise<void> {
  const table = identifier(name);
  const definitions = columns.map(
    (column) => `${identifier(column.name)} ${nativeType(column.type)}${column.nullable ? '' : ' NOT NULL'}`,
  );
  if (key.length > 0) definitions.push(`PRIMARY KEY (${key.map(identifier).join(', ')})`);
  await admin.query(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (${definitions.join(', ')})`);
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const some = rows.slice(from, from + ROWS_PER_INSERT);
    const values = some.map(
      (_, row) => `(${columns.map(({ type }, column) => parameter(row * columns.length + column, type)).join(', ')})`,
    );
    await admin.query(`INSERT INTO ${table} VALUES ${values.join(', ')}`, some.flat().map(sent));
  }
  await admin.query(`ANALYZE ${table}`);
}

const parameter = (index: number, type: ColumnType): string => `$${index + 1}::${nativeType(type)}`;

function sent(value: LogicalValue): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value))
    return value.map((item: CanonicalValue | null) => (item === null ? null : printValue(item)));
  return printValue(value);
}
