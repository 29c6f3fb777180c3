/**
 * What hashing adds to fetching: a table of PostgreSQL read by binary COPY and dropped, and the same table scanned into digests, sum and
 * sketch. One side, one process, a server of its own beside it.
 *
 *   node bench/postgres-scan.ts [rows]     default: 2 000 000
 */
import { cpus } from 'node:os';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Partition } from '../functions/sweep/engines/engine.ts';
import { openPostgres } from '../functions/sweep/engines/postgres/engine.ts';
import type { ColumnType } from '../shared/canonical/column-type.ts';
import { createMasks } from '../shared/equivalence/mask.ts';
import type { Relation } from '../shared/equivalence/relation.ts';
import { deriveSweepKeys } from '../shared/fingerprint/keys.ts';
import { createAccumulator } from '../shared/sketch/accumulator.ts';
import { planSketch } from '../shared/sketch/plan.ts';
import { startPostgres } from '../test/support/engines/postgres-server.ts';

const ROWS = Number(process.argv[2] ?? 2_000_000);
const ROUNDS = 5;
const CAPACITY = 200_000;

const COLUMNS: readonly (readonly [string, string, ColumnType])[] = [
  ['id', 'bigint', { kind: 'integer' }],
  ['branch', 'integer', { kind: 'integer' }],
  ['customer', 'text', { kind: 'text' }],
  ['street', 'text', { kind: 'text' }],
  ['amount', 'numeric(12,2)', { kind: 'decimal' }],
  ['booked', 'timestamp with time zone', { kind: 'instant', precision: 6 }],
  ['open', 'boolean', { kind: 'boolean' }],
  ['rate', 'double precision', { kind: 'float64' }],
  ['reference', 'uuid', { kind: 'uuid' }],
];

await using server = await startPostgres();
const admin = await server.connect();
await admin.query(`CREATE TABLE rows (${COLUMNS.map(([name, native]) => `${name} ${native}`).join(', ')}, PRIMARY KEY (id));
  INSERT INTO rows SELECT i * 7, i % 100000, 'customer-' || lpad(to_hex(i), 8, '0'), 'Strasse der Republik ' || i % 1000,
    (i % 99999999) / 100.0, '2024-01-01'::timestamptz + i * interval '1.000003 s', i % 2 = 0, i * 1.1, gen_random_uuid()
  FROM generate_series(1, ${ROWS}) i`);
await admin.query('VACUUM ANALYZE rows');

const endpoint = {
  engine: 'postgres',
  connection: 'bench',
  consistency: 'frozen',
  schema: 'public',
  table: 'rows',
} as const;
const relation: Relation = {
  side: 'source',
  endpoint,
  columns: COLUMNS.map(([name, type, canonical], index) => ({
    name,
    type: canonical,
    masked: false,
    nullable: index > 0,
    absentIsNull: false,
    native: { name, type },
  })),
  keyColumns: 1,
  filters: [],
};

async function fetchAndDrop(): Promise<void> {
  const client = new pg.Client({ ...server.place });
  await client.connect();
  const columns = COLUMNS.map(([name]) => name).join(', ');
  const stream = client.query(copyTo(`COPY (SELECT ${columns} FROM public.rows) TO STDOUT (FORMAT binary)`));
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  await client.end();
  if (bytes === 0) throw new Error('Nothing was fetched.');
}

const keys = deriveSweepKeys(new Uint8Array(32).fill(1));
const engine = await openPostgres(endpoint, server.place);
await engine.snapshot();
const reader = await engine.read(relation, createMasks(keys.mask));
const partitions: readonly Partition[] = await reader.plan(8);

async function scan(): Promise<void> {
  const accumulator = createAccumulator(keys, planSketch(CAPACITY, 10));
  for (const partition of partitions) for await (const _ of reader.scan(partition, accumulator.rows));
  if (accumulator.aggregate().set.count !== BigInt(ROWS)) throw new Error('Rows are missing.');
}

interface Cost {
  readonly wallMs: number;
  /** Of this process: what the server and others do is not in it. */
  readonly cpuMs: number;
}

async function best(work: () => Promise<void>, before: Cost): Promise<Cost> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    wallMs: Math.min(before.wallMs, performance.now() - start),
    cpuMs: Math.min(before.cpuMs, (user + system) / 1000),
  };
}

const none: Cost = { wallMs: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY };
let [fetched, scanned] = [none, none];
for (let round = 0; round < ROUNDS; round++) {
  fetched = await best(fetchAndDrop, fetched);
  scanned = await best(scan, scanned);
}
await engine.close();

const each = (milliseconds: number): string => ((milliseconds / ROWS) * 1e6).toFixed(0);
const line = (what: string, { wallMs, cpuMs }: Cost): string =>
  `| ${what} | ${each(wallMs)} | ${(wallMs / fetched.wallMs).toFixed(2)} | ${each(cpuMs)} |`;
console.log(
  `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${ROWS} rows of nine columns; best of ${ROUNDS}`,
);
console.log('| what | ns a row | × the first | ns of the reading process |\n| --- | --- | --- | --- |');
console.log(line('fetch by binary COPY and drop', fetched));
console.log(line(`fetch, encode, digest, sum, sketch of ${CAPACITY.toLocaleString('en')} items, strata`, scanned));
