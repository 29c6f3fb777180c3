/** Tables of a MariaDB. */
import { openMysql } from '../../../functions/sweep/engines/mysql/engine.ts';
import { quoteName } from '../../../functions/sweep/engines/mysql/quote.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { EndpointOf } from '../../../shared/equivalence/schema.ts';
import type { EngineHarness, LogicalTable, LogicalValue } from './harness.ts';
import { type MariaDb, startMariaDb } from './mariadb.ts';
import { hyphenated, isDecimal, printDecimal, printValue } from './print.ts';

/** Rows in one INSERT: a statement has 65,535 placeholders at most. */
const BATCH = 500;

export async function mysqlHarness(): Promise<EngineHarness & { readonly mariaDb: MariaDb }> {
  const mariaDb = await startMariaDb();
  return {
    mariaDb,
    keyless: true,
    absences: false,
    keyed: () => true,
    nativeType,
    holds,
    create: async (table) => {
      await createTable(mariaDb, table);
      const endpoint: EndpointOf<'mysql'> = {
        engine: 'mysql',
        connection: 'local',
        consistency: 'settled',
        schema: 'parapet',
        table: table.name,
      };
      const { port, user, password } = mariaDb;
      const place = { host: '127.0.0.1', port, database: 'parapet', user, password };
      return { endpoint, open: () => openMysql(endpoint, place) };
    },
    [Symbol.asyncDispose]: () => mariaDb[Symbol.asyncDispose](),
  };
}

async function createTable({ owner }: MariaDb, table: LogicalTable): Promise<void> {
  const name = `parapet.${quoteName(table.name)}`;
  const columns = table.columns.map((column) => {
    const type = nativeType(column.type, table.key.includes(column.name)) ?? '';
    // A collation in which much is equal that has not the same bytes.
    const collation =
      type.startsWith('varchar') || type === 'longtext' ? 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci' : '';
    return `${quoteName(column.name)} ${type} ${collation} ${column.nullable ? 'NULL' : 'NOT NULL'}`;
  });
  const key = table.key.length === 0 ? [] : [`PRIMARY KEY (${table.key.map(quoteName).join(', ')})`];
  await owner.query(`DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} (${[...columns, ...key].join(', ')})`);
  for (let from = 0; from < table.rows.length; from += BATCH) {
    const rows = table.rows.slice(from, from + BATCH);
    const places = table.columns.map((column) => placeholder(column.type)).join(', ');
    const values = rows.flatMap((row) =>
      row.map((value, index) => textOf(value, table.columns[index]?.type.kind === 'uuid')),
    );
    await owner.execute(`INSERT INTO ${name} VALUES ${rows.map(() => `(${places})`).join(', ')}`, values);
  }
  await owner.query(`ANALYZE TABLE ${name}`);
}

const placeholder = ({ kind }: ColumnType): string => (kind === 'bytes' ? 'UNHEX(?)' : '?');

function nativeType(type: ColumnType, isKey: boolean): string | undefined {
  switch (type.kind) {
    case 'integer':
      return 'bigint(20)';
    case 'decimal':
      return 'decimal(65,30)';
    case 'float64':
      return 'double';
    case 'float32':
      return 'float';
    case 'boolean':
      return 'tinyint(1)';
    case 'text':
      return isKey ? 'varchar(200)' : 'longtext';
    case 'bytes':
      return isKey ? 'varbinary(100)' : 'longblob';
    case 'uuid':
      return 'uuid';
    case 'instant':
      return 'timestamp(6)';
    case 'date':
      return 'date';
    case 'time':
      return 'time(6)';
    case 'datetime':
      return 'datetime(6)';
    case 'json':
      return 'longtext';
    default:
      return undefined;
  }
}

function holds(type: ColumnType, value: CanonicalValue): boolean {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  // MariaDB prints −0 as 0.
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value instanceof Uint8Array) return true;
  if (isDecimal(value))
    return 'coefficient' in value && value.exponent >= -30 && printDecimal(value).replace(/^-|\..*/g, '').length <= 35;
  if ('instant' in value) {
    return (
      typeof value.instant === 'bigint' && value.instant > 1_000_000_000n && value.instant < 2n ** 31n * 1_000_000_000n
    );
  }
  if ('date' in value) return typeof value.date === 'object' && value.date.year >= 0 && value.date.year <= 9999;
  if ('datetime' in value) {
    return typeof value.datetime === 'object' && value.datetime.year >= 0 && value.datetime.year <= 9999;
  }
  return type.kind !== 'array';
}

function textOf(value: LogicalValue, isUuid: boolean): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Uint8Array && isUuid) return hyphenated(value);
  if (typeof value === 'object' && 'instant' in value) return printValue(value).replace('T', ' ').replace('Z', '');
  return printValue(value);
}
