/** One real server of each engine, a folder for files, and tables in them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, BatchWriteItemCommand, CreateTableCommand } from '@aws-sdk/client-dynamodb';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type pg from 'pg';
import { DynamoDbDocumentTable } from '../../../../functions/aws/document-table.ts';
import { openDynamoDb } from '../../../../functions/sweep/engines/dynamodb/engine.ts';
import type { Engine, OpenOptions } from '../../../../functions/sweep/engines/engine.ts';
import { openDisk } from '../../../../functions/sweep/engines/files/disk.ts';
import { openFiles } from '../../../../functions/sweep/engines/files/engine.ts';
import { openMysql } from '../../../../functions/sweep/engines/mysql/engine.ts';
import { openPostgres } from '../../../../functions/sweep/engines/postgres/engine.ts';
import type { Endpoint } from '../../../../shared/equivalence/schema.ts';
import { active, dynamoDbHarness } from '../../engines/dynamodb.ts';
import { type MariaDb, mariaDbMissing, startMariaDb } from '../../engines/mariadb.ts';
import { type PostgresServer, startPostgres } from '../../engines/postgres-server.ts';
import type { Form, Held, Raw } from './family.ts';

/** A table or a file, as one side of a sweep. */
export interface Side {
  readonly endpoint: Endpoint;
  open(options?: OpenOptions): Promise<Engine>;
}

/** A row `(id, same, v)`. */
export interface HeldRow {
  readonly id: number;
  readonly held: NonNullable<Held>;
  /** What stands in `same` when it is not the same. */
  readonly other?: string;
}

/** Stands in CSV for NULL; a text of these characters is quoted. */
export const CSV_NULL = '\\N';
export const SAME = 'the same on both sides';
const BATCH = 25;

export class Grounds implements AsyncDisposable {
  readonly postgres: PostgresServer;
  readonly admin: pg.Client;
  readonly mariaDb: MariaDb | undefined;
  readonly dynamo: Awaited<ReturnType<typeof dynamoDbHarness>>;
  readonly folder = mkdtempSync(join(tmpdir(), 'parapet-grounds-'));
  #tables = 0;

  private constructor(
    postgres: PostgresServer,
    admin: pg.Client,
    mariaDb: MariaDb | undefined,
    dynamo: Awaited<ReturnType<typeof dynamoDbHarness>>,
  ) {
    this.postgres = postgres;
    this.admin = admin;
    this.mariaDb = mariaDb;
    this.dynamo = dynamo;
  }

  static async start(): Promise<Grounds> {
    const [postgres, mariaDb, dynamo] = await Promise.all([
      startPostgres(),
      mariaDbMissing === undefined ? startMariaDb() : undefined,
      dynamoDbHarness(),
    ]);
    // What does not fit is refused, so that a case is what it says; zero dates are let in.
    await mariaDb?.owner.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
    return new Grounds(postgres, await postgres.connect(), mariaDb, dynamo);
  }

  /** Whether there is an engine for it here. */
  has({ engine }: Form): boolean {
    return engine !== 'mysql' || this.mariaDb !== undefined;
  }

  /** A name that no other table has. */
  name(): string {
    this.#tables += 1;
    return `values_${this.#tables}`;
  }

  /** `key`: the primary key, where the engine has one. */
  async table(form: Form, rows: readonly HeldRow[], key: 'id' | 'v' = 'id'): Promise<Side> {
    const name = this.name();
    switch (form.engine) {
      case 'postgres':
        return this.#postgresTable(name, form.native, rows, key);
      case 'mysql':
        return this.#mysqlTable(name, form.native, rows, key);
      case 'dynamodb':
        return this.#dynamoTable(name, form.native, rows, key);
      default:
        return this.fileSide(name, form.engine, fileOf(form, rows));
    }
  }

  async #postgresTable(table: string, native: string, rows: readonly HeldRow[], key: string): Promise<Side> {
    await this.admin.query(`CREATE TABLE ${table} (id integer, same text NOT NULL, v ${native}, PRIMARY KEY (${key}))`);
    const values = rows.map((row) => `(${row.id}, '${sameOf(row)}', ${expressionOf(row.held)})`);
    if (values.length > 0) await this.admin.query(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
    return this.postgresSide(table);
  }

  postgresSide(table: string, consistency: 'frozen' | 'settled' = 'frozen'): Side {
    const endpoint = { engine: 'postgres', connection: 'here', consistency, schema: 'public', table } as const;
    return { endpoint, open: async (options = {}) => openPostgres(endpoint, this.postgres.place, options) };
  }

  async #mysqlTable(table: string, native: string, rows: readonly HeldRow[], key: string): Promise<Side> {
    const { owner } = this.maria;
    // A collation under which much is equal that has not the same bytes, but in a key, where it could not stand twice.
    const collation = key === 'v' ? 'utf8mb4_nopad_bin' : 'utf8mb4_unicode_ci';
    const charset = /char|text|enum/.test(native) ? `CHARACTER SET utf8mb4 COLLATE ${collation}` : '';
    const nullable = key === 'v' ? 'NOT NULL' : 'NULL';
    await owner.query(
      `CREATE TABLE ${table} (id int, same varchar(100) CHARACTER SET utf8mb4 NOT NULL, v ${native} ${charset} ${nullable}, PRIMARY KEY (${key}))`,
    );
    const values = rows.map((row) => `(${row.id}, '${sameOf(row)}', ${expressionOf(row.held)})`);
    if (values.length > 0) await owner.query(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
    return this.mysqlSide(table);
  }

  get maria(): MariaDb {
    if (this.mariaDb === undefined) throw new Error(mariaDbMissing);
    return this.mariaDb;
  }

  mysqlSide(table: string): Side {
    const { port, user, password } = this.maria;
    const endpoint = {
      engine: 'mysql',
      connection: 'here',
      consistency: 'settled',
      schema: 'parapet',
      table,
    } as const;
    const place = { host: '127.0.0.1', port, database: 'parapet', user, password };
    return { endpoint, open: async () => openMysql(endpoint, place) };
  }

  async #dynamoTable(name: string, native: string, rows: readonly HeldRow[], key: 'id' | 'v'): Promise<Side> {
    const type = native === 'S' || native === 'B' ? native : 'N';
    return this.dynamoSide(
      name,
      [key === 'id' ? { name: 'id', type: 'N' } : { name: 'v', type }],
      rows.map((row) => ({
        id: { N: String(row.id) },
        same: { S: sameOf(row) },
        ...('absent' in row.held ? {} : { v: 'null' in row.held ? { NULL: true } : attributeOf(row.held.value) }),
      })),
    );
  }

  /** Makes the table, with these items. */
  async dynamoSide(
    name: string,
    key: readonly { readonly name: string; readonly type: 'S' | 'N' | 'B' }[],
    items: readonly Readonly<Record<string, AttributeValue>>[],
  ): Promise<Side> {
    const { client } = this.dynamo;
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: key.map((part, index) => ({ AttributeName: part.name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: key.map((part) => ({ AttributeName: part.name, AttributeType: part.type })),
      }),
    );
    await active(client, name);
    for (let at = 0; at < items.length; at += BATCH) {
      const requests = items.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: requests } }));
    }
    const endpoint = { engine: 'dynamodb', connection: 'here', consistency: 'settled', table: name } as const;
    return { endpoint, open: async () => openDynamoDb(new DynamoDbDocumentTable(client, name)) };
  }

  async fileSide(
    name: string,
    format: 'csv' | 'ndjson' | 'json' | 'parquet',
    content: string | Uint8Array,
  ): Promise<Side> {
    const path = join(this.folder, `${name}.${format}`);
    await writeFile(path, content);
    const endpoint: Endpoint = {
      engine: 'files',
      connection: 'here',
      consistency: 'frozen',
      location: { path },
      format,
      ...(format === 'csv' ? { csv: { null: CSV_NULL } } : {}),
    };
    return { endpoint, open: async (options = {}) => openFiles(endpoint, await openDisk(path), options) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await Promise.allSettled([
      this.postgres[Symbol.asyncDispose](),
      this.mariaDb?.[Symbol.asyncDispose](),
      this.dynamo[Symbol.asyncDispose](),
    ]);
  }
}

const sameOf = ({ other }: HeldRow): string => other ?? SAME;

function expressionOf(held: NonNullable<Held>): string {
  return 'value' in held ? String(held.value) : 'NULL';
}

/** What a form of DynamoDB wrote. */
function attributeOf(value: Raw | AttributeValue): AttributeValue {
  if (typeof value !== 'object' || value instanceof Uint8Array) throw new TypeError('No attribute.');
  return value;
}

function fileOf(form: Exclude<Form, { engine: 'postgres' | 'mysql' | 'dynamodb' }>, rows: readonly HeldRow[]) {
  if (form.engine === 'parquet') return parquetOf(form.leaf, rows);
  if (form.engine === 'csv') {
    const cell = (held: NonNullable<Held>): string => ('value' in held ? csvCell(String(held.value)) : CSV_NULL);
    return `id,same,v\r\n${rows.map((row) => `${row.id},${sameOf(row)},${cell(row.held)}\r\n`).join('')}`;
  }
  const documents = rows.map((row) => {
    const { id, held } = row;
    const member = 'absent' in held ? '' : `, "v": ${'null' in held ? 'null' : String(held.value)}`;
    return `{"id": ${id}, "same": ${JSON.stringify(sameOf(row))}${member}}`;
  });
  return form.engine === 'json' ? `[${documents.join(',\n')}]` : `${documents.join('\n')}\n`;
}

export const csvCell = (text: string): string =>
  text === CSV_NULL || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function parquetOf(leaf: Omit<SchemaElement, 'name'>, rows: readonly HeldRow[]): Uint8Array {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 3 },
    { name: 'id', repetition_type: 'REQUIRED', type: 'INT64' },
    { name: 'same', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    { name: 'v', repetition_type: 'OPTIONAL', ...leaf },
  ];
  const columnData = [
    { name: 'id', data: rows.map(({ id }) => BigInt(id)) },
    { name: 'same', data: rows.map(sameOf) },
    // A dictionary of the writer's would take −0 for 0.
    { name: 'v', data: rows.map(({ held }) => ('value' in held ? held.value : null)), encoding: 'PLAIN' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ schema, columnData, rowGroupSize: 40, statistics: false }));
}
