/** From two live schemas to a verdict, through the command alone: infer, decide, sign, sweep. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DECISIONS, type OpenDecision } from '../../../shared/equivalence/draft.ts';
import { type MariaDb, mariaDbMissing, startMariaDb } from '../../support/engines/mariadb.ts';
import { type PostgresServer, startPostgres } from '../../support/engines/postgres-server.ts';
import { jsonOf, parapet } from '../run.ts';

const ROWS = Array.from({ length: 30 }, (_, index) => {
  const id = index + 1;
  const uuid = `00000000-0000-4000-8000-${id.toString().padStart(12, '0')}`;
  const day = `2024-02-${(1 + (index % 28)).toString().padStart(2, '0')}`;
  return {
    id,
    uuid,
    email: `canary-${id}@example.org`,
    total: `${id}.50`,
    active: id % 2 === 0,
    day,
    note: id % 3 ? `n ${id}` : null,
  };
});
const EVERYTHING = Object.keys(DECISIONS).flatMap((kind) => ['--take', kind]);

let folder: string;
let postgres: PostgresServer;
let mariaDb: MariaDb | undefined;
const dynamo: { client?: DynamoDBClient; close?: () => Promise<void>; endpoint: string } = { endpoint: '' };
const urls: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-infer-'));
  [postgres, mariaDb] = await Promise.all([
    startPostgres(),
    mariaDbMissing === undefined ? startMariaDb() : undefined,
    fillDynamo(),
  ]);
  await fillPostgres();
  if (mariaDb !== undefined) await fillMariaDb(mariaDb);
  fillFiles();
}, 120_000);
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await mariaDb?.[Symbol.asyncDispose]();
  await dynamo.close?.();
  rmSync(folder, { recursive: true, force: true });
});

const quoted = (value: string | null): string => (value === null ? 'NULL' : `'${value}'`);
const tuples = (boolean: (value: boolean) => string): string =>
  ROWS.map(
    ({ id, uuid, email, total, active, day, note }) =>
      `(${id},'${uuid}','${email}',${total},${boolean(active)},'${day}',${quoted(note)},'${day} 10:00:00.25+00')`,
  ).join(',');

async function fillPostgres(): Promise<void> {
  const client = await postgres.connect();
  const columns =
    'id bigint PRIMARY KEY, "ref id" uuid NOT NULL, email text NOT NULL, total numeric(12,2) NOT NULL, active boolean NOT NULL, day date NOT NULL, note text, at timestamptz(3) NOT NULL';
  for (const table of ['people', '"o\'ther ""People"']) {
    await client.query(`CREATE TABLE ${table} (${columns})`);
    await client.query(`INSERT INTO ${table} VALUES ${tuples(String)}`);
  }
  const { host, port, user, password, database } = postgres.place;
  const base = `postgres://${user}:${password}@${host}:${port}/${database}`;
  urls.postgres = `${base}?table=public.people`;
  urls.other = `${base}?table=${encodeURIComponent('public.o\'ther "People')}`;
}

async function fillMariaDb({ owner, port, user, password }: MariaDb): Promise<void> {
  await owner.query(
    'CREATE TABLE people (id bigint PRIMARY KEY, `ref id` char(36) NOT NULL, email varchar(80) NOT NULL, total decimal(12,2) NOT NULL, active tinyint(1) NOT NULL, day date NOT NULL, note varchar(80), at timestamp(3) NOT NULL) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
  );
  await owner.query(`INSERT INTO people VALUES ${tuples((value) => (value ? '1' : '0')).replaceAll("+00'", "'")}`);
  urls.mariadb = `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/parapet?table=people`;
}

async function fillDynamo(): Promise<void> {
  const dynalite: (options: object) => {
    listen(port: number, host: string, done: () => void): void;
    address(): { readonly port: number };
    close(done: () => void): void;
  } = createRequire(import.meta.url)('dynalite');
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  dynamo.endpoint = `http://127.0.0.1:${server.address().port}`;
  const client = new DynamoDBClient({
    endpoint: dynamo.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  dynamo.close = async () => {
    client.destroy();
    await new Promise<void>((resolve) => server.close(resolve));
  };
  await client.send(
    new CreateTableCommand({
      TableName: 'people',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  for (const from of [0, 25]) {
    const items = ROWS.slice(from, from + 25).map(({ id, uuid, email, total, active, day, note }) => ({
      PutRequest: {
        Item: {
          id: { N: String(id) },
          refId: { S: uuid },
          email: { S: email },
          total: { N: total },
          active: { BOOL: active },
          day: { S: day },
          at: { S: `${day}T10:00:00.250Z` },
          ...(note === null ? {} : { note: { S: note } }),
        },
      },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { people: items } }));
  }
  urls.dynamodb = `dynamodb://people?endpoint=${encodeURIComponent(dynamo.endpoint)}`;
}

function fillFiles(): void {
  const header = 'id,ref id,email,total,active,day,note,at\n';
  const lines = ROWS.map(
    ({ id, uuid, email, total, active, day, note }) =>
      `${id},${uuid},${email},${total},${active},${day},${note ?? ''},${day}T10:00:00.25Z\n`,
  );
  const column = <Name extends keyof (typeof ROWS)[number]>(name: Name) => ROWS.map((row) => row[name]);
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: 'id', data: column('id').map(BigInt), type: 'INT64' },
      { name: 'ref id', data: column('uuid'), type: 'STRING' },
      { name: 'email', data: column('email'), type: 'STRING' },
      { name: 'total', data: column('total'), type: 'STRING' },
      { name: 'active', data: column('active'), type: 'BOOLEAN' },
      { name: 'day', data: column('day'), type: 'STRING' },
      { name: 'note', data: column('note'), type: 'STRING' },
      { name: 'at', data: column('day').map((day) => `${day}T10:00:00.25Z`), type: 'STRING' },
    ],
  });
  const files = {
    csv: header + lines.join(''),
    ndjson: ROWS.map(
      ({ day, uuid, ...row }) => `${JSON.stringify({ ...row, day, 'ref id': uuid, at: `${day}T10:00:00.250Z` })}\n`,
    ).join(''),
    parquet: Buffer.from(parquet),
  };
  for (const [format, content] of Object.entries(files)) {
    const file = join(folder, `people.${format}`);
    writeFileSync(file, content);
    urls[format] = pathToFileURL(file).href;
  }
}

const urlOf = (name: string): string => {
  const url = urls[name];
  if (url === undefined) throw new Error(`There is no ${name}.`);
  return url;
};

/** What the kinds of open decisions of a draft are, without those that every column and contract has. */
const special = (decisions: readonly OpenDecision[]): string[] =>
  decisions
    .filter(({ decide }) => !decide.some((kind) => kind === 'class' || kind === 'mask' || kind === 'breaker'))
    .map(({ pointer, decide }) => `${pointer} ${decide.join('+')}`);

async function inferDecideSignSweep(source: string, target: string): Promise<string[]> {
  const file = join(folder, `${source}-${target}.json`);
  const sides = ['--source', urlOf(source), '--target', urlOf(target)];
  const inferred = await parapet(
    'contract',
    'infer',
    ...sides,
    '--dataset',
    `${source}-${target}`,
    '--out',
    file,
    '--json',
  );
  expect(inferred.code, inferred.out).toBe(0);
  const { decisions } = jsonOf(inferred) as { decisions: OpenDecision[] };
  // Schemas alone: no value, and no credential.
  for (const text of [inferred.out, inferred.err, readFileSync(file, 'utf8')]) {
    expect(text).not.toMatch(/canary|n 1|00000000-0000/);
    expect(text).not.toContain(postgres.place.password);
  }
  expect((await parapet('contract', 'check', file)).out).toContain('decisions are open');
  expect(await parapet('contract', 'sign', file, '--development')).toMatchObject({ code: 2 });
  const decided = await parapet('contract', 'decide', file, ...EVERYTHING);
  expect(decided, decided.err).toMatchObject({ code: 0, out: expect.stringContaining('wants its signature') });
  expect(await parapet('contract', 'sign', file, '--development')).toMatchObject({ code: 0 });
  const swept = await parapet(
    'sweep',
    '--contract',
    file,
    ...sides,
    '--workers',
    '1',
    '--state',
    join(folder, 'state'),
    '--json',
  );
  expect(jsonOf(swept)).toMatchObject({ verdict: 'EQUAL', counts: { source: ROWS.length, target: ROWS.length } });
  expect(swept.code).toBe(0);
  return special(decisions);
}

describe('parapet contract infer, to a verdict', () => {
  it('of two tables of PostgreSQL, one with a hostile name', async () => {
    expect(await inferDecideSignSweep('postgres', 'other')).toEqual([]);
  });

  it('asks about a collation of PostgreSQL that takes texts for equal which are not', async () => {
    const client = await postgres.connect();
    await client.query(
      "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE collated (id bigint PRIMARY KEY, v text COLLATE caseless, w text)",
    );
    const collated = urlOf('postgres').replace('public.people', 'public.collated');
    const copy = urlOf('postgres').replace('public.people', 'public.copied');
    await client.query('CREATE TABLE copied (LIKE collated INCLUDING ALL)');
    const { decisions } = jsonOf(
      await parapet('contract', 'infer', '--source', collated, '--target', copy, '--json'),
    ) as { decisions: OpenDecision[] };
    expect(special(decisions)).toEqual(['/columns/1/type collation']);
  });

  it('of PostgreSQL and DynamoDB: names that are alike, documents that lack an attribute', async () => {
    expect(await inferDecideSignSweep('postgres', 'dynamodb')).toEqual([
      '/columns/1/target name',
      '/columns/6/absent absent',
      '/columns/7/type time-zone',
    ]);
  });

  it('of PostgreSQL and CSV: no key at the file, and no NULL', async () => {
    expect(await inferDecideSignSweep('postgres', 'csv')).toEqual([
      '/target/csv null',
      '/key key',
      '/columns/7/type time-zone',
    ]);
  });

  it('of PostgreSQL and Parquet', async () => {
    expect(await inferDecideSignSweep('postgres', 'parquet')).toEqual(['/key key', '/columns/7/type time-zone']);
  });

  it('of DynamoDB and NDJSON', async () => {
    const decisions = await inferDecideSignSweep('dynamodb', 'ndjson');
    expect(decisions).toContain('/key key');
  });

  it.skipIf(mariaDbMissing !== undefined)(`of PostgreSQL and MariaDB ${mariaDbMissing ?? ''}`, async () => {
    expect(await inferDecideSignSweep('postgres', 'mariadb')).toEqual([
      '/columns/2/type collation',
      '/columns/6/type collation',
    ]);
  });

  it.skipIf(mariaDbMissing !== undefined)(`of MariaDB and DynamoDB ${mariaDbMissing ?? ''}`, async () => {
    const decisions = await inferDecideSignSweep('mariadb', 'dynamodb');
    expect(decisions).toContain('/columns/1/target name');
  });

  it('shows names that a terminal would act on as text, and keeps them as they are', async () => {
    const file = join(folder, 'hostile.ndjson');
    const hostile = 'a\u009b2J\u202e\u{e0001}';
    writeFileSync(file, `${JSON.stringify({ id: 1, [hostile]: 1 })}\n`);
    const both = ['--source', pathToFileURL(file).href, '--target', urlOf('csv')];
    const ended = await parapet('contract', 'infer', ...both);
    expect(ended.code).toBe(0);
    for (const text of [ended.out, ended.err]) expect(text).not.toMatch(/[\u009b\u202e\u{e0001}]/u);
    expect(JSON.stringify(JSON.parse(ended.out))).toContain(hostile);
  });

  it('refuses one place named twice, a table that is not named, and what is not there', async () => {
    const infer = (source: string, target: string) =>
      parapet('contract', 'infer', '--source', source, '--target', target);
    expect(await infer(urlOf('postgres'), urlOf('postgres'))).toMatchObject({ code: 2 });
    expect(await infer(urlOf('postgres').replace(/\?.*/, ''), urlOf('csv'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('?table='),
    });
    expect(await infer(urlOf('postgres').replace('people', 'nothing'), urlOf('csv'))).toMatchObject({ code: 4 });
    expect(await infer(pathToFileURL(join(folder, 'people.txt')).href, urlOf('csv'))).toMatchObject({ code: 3 });
    const wrong = await infer(urlOf('postgres').replace(postgres.place.password, 'wrong-canary'), urlOf('csv'));
    expect(wrong.code).not.toBe(0);
    expect(wrong.out + wrong.err).not.toContain('wrong-canary');
  });
});
