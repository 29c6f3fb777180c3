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
import { run } from './sweep/process.ts';
import { contractColumns, DRIFTS, expectedDifferences, KEY } from './sweep/rows.ts';
import { contractFile, type Swept, sweepOnce } from './sweep/swept.ts';

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

const fetchBoth = async (how: 'driver' | 'bare'): Promise<number> =>
  (await run(FETCH, [how, urls.source, urls.target, 'source', copy.table])).seconds;

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
  scans: number;
  peakBytes: number;
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};
const seconds = (times: readonly number[]): string => `${Math.min(...times).toFixed(2)} / ${median(times).toFixed(2)}`;
const ratio = (over: readonly number[], under: readonly number[]): string =>
  `${(Math.min(...over) / Math.min(...under)).toFixed(2)} / ${(median(over) / median(under)).toFixed(2)}`;

const lines: string[] = [];
for (const drift of drifts) {
  told(`drift of ${100 * drift} %`);
  await copy.drift(drift);
  const turns: Turns = { fetch: [], bare: [], sweep: [], scans: 0, peakBytes: 0 };
  for (let round = 0; round < rounds; round++) {
    turns.fetch.push(await fetchBoth('driver'));
    turns.bare.push(await fetchBoth('bare'));
    const before = await rowsRead(admin, 'source');
    const swept = await sweepOnce(signedContract, urls, CAPACITY);
    demandVerdict(swept, drift);
    turns.sweep.push(swept.seconds);
    turns.scans = Math.max(turns.scans, ((await rowsRead(admin, 'source')) - before) / rows);
    turns.peakBytes = Math.max(turns.peakBytes, swept.peakBytes ?? 0);
    told(
      `  fetch ${turns.fetch.at(-1)?.toFixed(2)} s, bare ${turns.bare.at(-1)?.toFixed(2)} s, sweep ${swept.seconds.toFixed(2)} s, load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
  const columns = [
    `${100 * drift} %`,
    seconds(turns.fetch),
    seconds(turns.bare),
    seconds(turns.sweep),
    `**${ratio(turns.sweep, turns.fetch)}**`,
    ratio(turns.sweep, turns.bare),
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
  '| drift | fetch both, s | bare sockets, s | sweep, s | × fetch | × bare | scans of the source | peak MiB |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const line of lines) console.log(line);
