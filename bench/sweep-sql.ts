/**
 * A sweep of two tables against fetching both of them at once and dropping the rows, at four drifts, the sketch planned for 200 thousand
 * items. Prints tables in Markdown. The servers are started for it, with their data in the temporary folder, and go with it.
 *
 *   node bench/sweep-sql.ts [--rows 10000000] [--rounds 2] [--target postgres|mariadb] [--drifts 0,0.0001,0.01,0.5]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Equivalence } from '../shared/equivalence/schema.ts';
import { startPostgres } from '../test/support/engines/postgres-server.ts';
import { contractOf } from '../test/support/sweep/contract.ts';
import { type CopySide, mariaDbCopy, postgresCopy } from './sweep/copies.ts';
import { loadSource, prepare, rowsRead } from './sweep/postgres-side.ts';
import { parentOf, processorTime, type Ran, run } from './sweep/process.ts';
import { contractColumns, DRIFTS, expectedDifferences, KEY } from './sweep/rows.ts';
import { contractFile, type Swept, sweepOnce } from './sweep/swept.ts';
import { leastAndMedian, ratioOf } from './sweep/turns.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '2' },
    target: { type: 'string', default: 'postgres' },
    drifts: { type: 'string', default: DRIFTS.join(',') },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const drifts = DRIFTS.filter((drift) => values.drifts.split(',').map(Number).includes(drift));
/** A row that changed is two items. */
const CAPACITY = 100_000;
const FETCH = new URL('./sweep/fetch-side.ts', import.meta.url).pathname;

const begin = performance.now();
const told = (what: string): void =>
  console.error(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${what}`);

await using server = await startPostgres();
const admin = await server.connect();
await prepare(admin);
told(`loading ${rows.toLocaleString('en')} rows`);
await loadSource(admin, 'source', rows);
await using copy: CopySide =
  values.target === 'mariadb'
    ? await mariaDbCopy(admin, 'source', rows)
    : await postgresCopy(admin, server.place, rows);
const { user, password, host, port, database } = server.place;
const urls = { source: `postgres://${user}:${password}@${host}:${port}/${database}`, target: copy.url };
const contract: Equivalence = contractOf({
  dataset: 'bench',
  source: {
    engine: 'postgres',
    connection: 'source',
    consistency: copy.endpoint.consistency,
    schema: 'public',
    table: 'source',
  },
  target: copy.endpoint,
  key: [KEY],
  columns: contractColumns(copy.engine),
  // Nothing is written meanwhile: what a sweep waits for is not what it costs.
  settle: { delaySeconds: 0, attempts: 1 },
});
using signedContract = await contractFile(contract);

const fetchBoth = (how: 'driver' | 'bare'): Promise<Ran> =>
  run(FETCH, [how, urls.source, urls.target, 'source', copy.table]);

const backend = (await admin.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
const servers = [parentOf(backend), copy.serverPid].filter((pid) => pid !== undefined);
/** What work took of the processors, servers included: what else the machine does disturbs it least. */
async function measured<Result extends Ran>(work: () => Promise<Result>): Promise<Result & { processor: number }> {
  const before = servers.reduce((sum, pid) => sum + processorTime(pid), 0);
  const ran = await work();
  const after = servers.reduce((sum, pid) => sum + processorTime(pid), 0);
  return { ...ran, processor: ran.processorSeconds + after - before };
}

function demandVerdict({ verdict }: Swept, drift: (typeof DRIFTS)[number]): void {
  const { missing, extra, changed } = expectedDifferences(rows, drift);
  const { divergences } = verdict;
  const complete = 2 * changed + missing + extra <= 2 * CAPACITY;
  const right = complete
    ? divergences.missing === missing && divergences.extra === extra && divergences.changed === changed
    : verdict.listing === 'partial';
  if (verdict.verdict !== (drift === 0 ? 'EQUAL' : 'DIVERGED') || !right) {
    throw new Error(`At a drift of ${drift}: ${verdict.verdict}, ${JSON.stringify({ ...divergences, list: [] })}`);
  }
}

interface Turns {
  readonly fetch: number[];
  readonly bare: number[];
  readonly sweep: number[];
  readonly fetchProcessor: number[];
  readonly sweepProcessor: number[];
  scans: number;
  peakBytes: number;
}

const lines: string[] = [];
for (const drift of drifts) {
  told(`drift of ${100 * drift} %`);
  await copy.drift(drift);
  const turns: Turns = {
    fetch: [],
    bare: [],
    sweep: [],
    fetchProcessor: [],
    sweepProcessor: [],
    scans: 0,
    peakBytes: 0,
  };
  for (let round = 0; round < rounds; round++) {
    const fetched = await measured(() => fetchBoth('driver'));
    turns.fetch.push(fetched.seconds);
    turns.fetchProcessor.push(fetched.processor);
    turns.bare.push((await fetchBoth('bare')).seconds);
    const before = await rowsRead(admin, 'source');
    const swept = await measured(() => sweepOnce(signedContract, urls, CAPACITY));
    turns.sweepProcessor.push(swept.processor);
    demandVerdict(swept, drift);
    turns.sweep.push(swept.seconds);
    turns.scans = Math.max(turns.scans, ((await rowsRead(admin, 'source')) - before) / rows);
    turns.peakBytes = Math.max(turns.peakBytes, swept.peakBytes ?? 0);
    told(
      `  fetch ${turns.fetch.at(-1)?.toFixed(2)} s, bare ${turns.bare.at(-1)?.toFixed(2)} s, sweep ${swept.seconds.toFixed(2)} s, processor ${fetched.processor.toFixed(1)} and ${swept.processor.toFixed(1)} s, load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
  const columns = [
    `${100 * drift} %`,
    leastAndMedian(turns.fetch),
    leastAndMedian(turns.bare),
    leastAndMedian(turns.sweep),
    `**${ratioOf(turns.sweep, turns.fetch)}**`,
    ratioOf(turns.sweep, turns.bare),
    ratioOf(turns.sweepProcessor, turns.fetchProcessor),
    turns.scans.toFixed(3),
    (turns.peakBytes / 2 ** 20).toFixed(0),
  ];
  lines.push(`| ${columns.join(' | ')} |`);
}

console.log(`PostgreSQL ↔ ${copy.title}, ${rows.toLocaleString('en')} rows a side, ${rounds} rounds in turns; \
${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()
  .map((load) => load.toFixed(1))
  .join(' ')}. Times and ratios: least / median.\n`);
console.log(
  '| drift | fetch both, s | bare sockets, s | sweep, s | × fetch | × bare | × fetch, processor time | scans of the source | peak MiB |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const line of lines) console.log(line);
