/**
 * A sweep of a PostgreSQL table against its copy in DynamoDB, held against the rate at which the emulator (dynalite, in a process of its own)
 * gives its table away: a Scan in two segments whose pages are dropped.
 *
 *   node bench/sweep-dynamodb.ts [--rows 100000] [--rounds 3]
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { startPostgres } from '../test/support/engines/postgres-server.ts';
import { contractOf } from '../test/support/sweep/contract.ts';
import { loadSource, prepare } from './sweep/postgres-side.ts';
import { COLUMNS, KEY } from './sweep/rows.ts';
import { contractFile, sweepOnce } from './sweep/swept.ts';
import { leastAndMedian, ratioOf } from './sweep/turns.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});
const rows = Number(values.rows);
const TABLE = 'target';
const SEGMENTS = 2;
const BATCH = 25;
const AT_ONCE = 16;

const port = await freePort();
const emulator = spawn(process.execPath, [
  join(import.meta.dirname, '..', 'node_modules', 'dynalite', 'cli.js'),
  ...['--port', String(port), '--createTableMs', '0'],
]);
const endpoint = `http://127.0.0.1:${port}`;
const client = new DynamoDBClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
try {
  await using server = await startPostgres();
  const admin = await server.connect();
  await prepare(admin);
  await loadSource(admin, 'source', rows);
  await load(admin);
  using contract = await contractFile(
    contractOf({
      dataset: 'bench-dynamodb',
      source: {
        engine: 'postgres',
        connection: 'source',
        consistency: 'settled',
        schema: 'public',
        table: 'source',
      },
      target: { engine: 'dynamodb', connection: 'target', consistency: 'settled', table: TABLE },
      key: [KEY],
      columns: COLUMNS.map(({ name, type, postgres }) => ({
        name,
        type,
        source: { type: postgres },
        target: { type: attributeType(type.kind) },
      })),
      settle: { delaySeconds: 0, attempts: 1 },
    }),
  );
  const { user, password, host, database, port: serverPort } = server.place;
  const urls = {
    source: `postgres://${user}:${password}@${host}:${serverPort}/${database}`,
    target: `dynamodb://${TABLE}?endpoint=${encodeURIComponent(endpoint)}&region=us-east-1`,
  };
  const [scanned, swept]: [number[], number[]] = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    const start = performance.now();
    const counts = await Promise.all(Array.from({ length: SEGMENTS }, (_, segment) => scanAndDrop(segment)));
    scanned.push((performance.now() - start) / 1000);
    if (counts.reduce((sum, count) => sum + count, 0) !== rows) throw new Error('Items are missing.');
    const sweep = await sweepOnce(contract, urls, 100_000);
    if (sweep.verdict.verdict !== 'EQUAL') throw new Error(sweep.stdout.slice(0, 2000));
    swept.push(sweep.seconds);
    console.error(`scan ${scanned.at(-1)?.toFixed(2)} s, sweep ${sweep.seconds.toFixed(2)} s`);
  }
  console.log(`PostgreSQL ↔ DynamoDB (dynalite), ${rows.toLocaleString('en')} rows a side, ${values.rounds} rounds in turns; \
${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}. Least / median.\n`);
  console.log('| what | s | × scan | items/s |\n| --- | --- | --- | --- |');
  const line = (what: string, times: readonly number[]): string =>
    `| ${what} | ${leastAndMedian(times)} | ${ratioOf(times, scanned)} | ${Math.round(rows / Math.min(...times)).toLocaleString('en')} |`;
  console.log(line('Scan of the target in two segments, dropped', scanned));
  console.log(line('sweep, both sides', swept));
} finally {
  client.destroy();
  emulator.kill();
}

async function load(admin: Awaited<ReturnType<Awaited<ReturnType<typeof startPostgres>>['connect']>>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(
        new CreateTableCommand({
          TableName: TABLE,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: KEY, KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: KEY, AttributeType: 'N' }],
        }),
      );
      break;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: TABLE });
  // Texts as PostgreSQL prints them, instants with all their digits.
  await admin.query("SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'");
  const printed = COLUMNS.map(({ name, type }) =>
    type.kind === 'instant' ? `to_char(${name}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` : `${name}::text`,
  );
  for (let from = 0; from < rows; from += BATCH * AT_ONCE) {
    const { rows: part } = await admin.query<string[]>({
      text: `SELECT ${printed.join(', ')} FROM source ORDER BY id OFFSET ${from} LIMIT ${BATCH * AT_ONCE}`,
      rowMode: 'array',
    });
    const requests = part.map((texts) => ({
      PutRequest: {
        Item: Object.fromEntries(
          COLUMNS.map(({ name, type }, index) => [name, attribute(type.kind, texts[index] ?? '')]),
        ),
      },
    }));
    const batches = Array.from({ length: Math.ceil(requests.length / BATCH) }, (_, batch) =>
      requests.slice(batch * BATCH, (batch + 1) * BATCH),
    );
    await Promise.all(
      batches.map((batch) => client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: batch } }))),
    );
  }
}

function attributeType(kind: string): 'N' | 'S' | 'BOOL' {
  if (kind === 'boolean') return 'BOOL';
  return kind === 'integer' || kind === 'decimal' || kind === 'float64' ? 'N' : 'S';
}

function attribute(kind: string, text: string): AttributeValue {
  const type = attributeType(kind);
  if (type === 'BOOL') return { BOOL: text === 'true' };
  return type === 'N' ? { N: text } : { S: text };
}

async function scanAndDrop(segment: number): Promise<number> {
  let count = 0;
  let after: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: TABLE,
        Segment: segment,
        TotalSegments: SEGMENTS,
        ConsistentRead: true,
        ...(after === undefined ? {} : { ExclusiveStartKey: after }),
      }),
    );
    count += page.Count ?? 0;
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return count;
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise<void>((resolve) => listener.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
