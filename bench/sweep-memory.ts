/**
 * The most memory that a sweep of PostgreSQL against PostgreSQL ever held, at two sizes: resident, of the command with its worker threads, in a
 * process that is started anew for each. Nothing differs, so that what grows is the reading.
 *
 *   node bench/sweep-memory.ts [--rows 100000,10000000] [--rounds 3]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/engines/postgres-server.ts';
import { contractOf } from '../test/support/sweep/contract.ts';
import { copyTable, loadSource, prepare } from './sweep/postgres-side.ts';
import { contractColumns, KEY } from './sweep/rows.ts';
import { contractFile, sweepOnce } from './sweep/swept.ts';
import { leastAndMedian, median } from './sweep/turns.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000,10000000' }, rounds: { type: 'string', default: '3' } },
});
const sizes = values.rows.split(',').map(Number);
const CAPACITY = 100_000;

await using server = await startPostgres();
const admin = await server.connect();
await prepare(admin);
const { user, password, host, port, database } = server.place;
const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
const endpoint = (connection: string, table: string) =>
  ({ engine: 'postgres', connection, consistency: 'frozen', schema: 'public', table }) as const;

const lines: string[] = [];
let first: number | undefined;
for (const rows of sizes) {
  const [source, target] = [`source_${rows}`, `target_${rows}`];
  await loadSource(admin, source, rows);
  await copyTable(admin, source, target);
  using contract = await contractFile(
    contractOf({
      dataset: 'bench-memory',
      source: endpoint('source', source),
      target: endpoint('target', target),
      key: [KEY],
      columns: contractColumns('postgres'),
    }),
  );
  const peaks: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const { verdict, peakBytes } = await sweepOnce(contract, { source: url, target: url }, CAPACITY);
    if (verdict.verdict !== 'EQUAL' || peakBytes === undefined) throw new Error('No measurement.');
    peaks.push(peakBytes / 2 ** 20);
  }
  first ??= median(peaks);
  lines.push(
    `| ${rows.toLocaleString('en')} | ${leastAndMedian(peaks)} | ${Math.max(...peaks).toFixed(0)} | ${(median(peaks) / first).toFixed(2)} |`,
  );
  await admin.query(`DROP TABLE ${source}, ${target}`);
}
console.log(`Peak memory of a sweep, sketch of ${(2 * CAPACITY).toLocaleString('en')} items, ${cpus().length} workers; \
${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}.\n`);
console.log('| rows a side | least / median MiB | most | × the first |\n| --- | --- | --- | --- |');
for (const line of lines) console.log(line);
