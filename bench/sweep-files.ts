/**
 * A sweep of a CSV file against a Parquet file, and the same question asked of DuckDB, by EXCEPT ALL in both directions. One row in ten
 * thousand differs. The files are made in the temporary folder, by DuckDB, and go with the run.
 *
 *   node bench/sweep-files.ts [--rows 5000000] [--rounds 2]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { contractOf } from '../test/support/sweep/contract.ts';
import { filesEndpoint } from '../test/support/sweep/files.ts';
import { run } from './sweep/process.ts';
import { contractFile, sweepOnce } from './sweep/swept.ts';
import { leastAndMedian, ratioOf } from './sweep/turns.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '5000000' }, rounds: { type: 'string', default: '2' } },
});
const rows = Number(values.rows);
const DUCKDB = new URL('./sweep/duckdb.ts', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'parapet-bench-files-'));
try {
  await run(DUCKDB, ['make', folder, String(rows)]);
  const [source, target] = [join(folder, 'source.csv'), join(folder, 'target.parquet')];
  using contract = await contractFile(
    contractOf({
      dataset: 'bench-files',
      source: filesEndpoint('source.csv', 'csv'),
      target: filesEndpoint('target.parquet', 'parquet'),
      key: ['id'],
      columns: [
        { name: 'id', type: { kind: 'integer' }, source: { type: 'text' }, target: { type: 'INT64' } },
        { name: 'branch', type: { kind: 'integer' }, source: { type: 'text' }, target: { type: 'INT32' } },
        { name: 'customer', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'STRING' } },
        { name: 'street', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'STRING' } },
        { name: 'amount', type: { kind: 'decimal' }, source: { type: 'text' }, target: { type: 'DECIMAL(12,2)' } },
        { name: 'open', type: { kind: 'boolean' }, source: { type: 'text' }, target: { type: 'BOOLEAN' } },
        { name: 'rate', type: { kind: 'float64' }, source: { type: 'text' }, target: { type: 'DOUBLE' } },
        { name: 'reference', type: { kind: 'text' }, source: { type: 'text' }, target: { type: 'STRING' } },
      ],
    }),
  );
  const urls = { source: pathToFileURL(source).href, target: pathToFileURL(target).href };
  const differing = Math.floor(rows / 10_000);
  const [swept, asked]: [number[], number[]] = [[], []];
  const peaks = { sweep: 0, duckdb: 0 };
  let scans = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const sweep = await sweepOnce(contract, urls, 100_000);
    const { divergences, scans: counted } = sweep.verdict;
    if (divergences.changed !== differing) {
      throw new Error(`${divergences.changed} changed: ${sweep.stdout.slice(0, 1500)}`);
    }
    const duckdb = await run(DUCKDB, ['except', folder, '0']);
    if (duckdb.stdout.trim() !== JSON.stringify({ missing: differing, extra: differing }))
      throw new Error(duckdb.stdout);
    swept.push(sweep.seconds);
    asked.push(duckdb.seconds);
    peaks.sweep = Math.max(peaks.sweep, sweep.peakBytes ?? 0);
    peaks.duckdb = Math.max(peaks.duckdb, duckdb.peakBytes ?? 0);
    scans = counted.source;
    console.error(`sweep ${sweep.seconds.toFixed(1)} s, DuckDB ${duckdb.seconds.toFixed(1)} s`);
  }
  const [one, other] = [source, target].map((file) => (statSync(file).size / 2 ** 20).toFixed(0));
  console.log(`CSV (${one} MiB) ↔ Parquet (${other} MiB), ${rows.toLocaleString('en')} rows of eight columns, ${differing} differ; \
${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}. Least / median of ${values.rounds}.\n`);
  console.log('| what | s | × DuckDB | peak MiB |\n| --- | --- | --- | --- |');
  console.log(
    `| DuckDB, EXCEPT ALL both ways | ${leastAndMedian(asked)} | 1.00 | ${(peaks.duckdb / 2 ** 20).toFixed(0)} |`,
  );
  console.log(
    `| parapet sweep, ${scans} scans | ${leastAndMedian(swept)} | ${ratioOf(swept, asked)} | ${(peaks.sweep / 2 ** 20).toFixed(0)} |`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
