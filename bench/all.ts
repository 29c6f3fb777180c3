/**
 * Every benchmark, one after the other, or those that are named. What came out when they last ran is in docs/benchmarks.md.
 *
 * node bench/all.ts [name …]        npm run bench -- handlers
 */
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const BENCHMARKS: Readonly<Record<string, string>> = {
  handlers: 'size and load time of each handler',
  'first-export': 'from the start of a process to the first export',
  ingestion:
    "reading, validating and tokenising against each format's parser alone; memory at ten thousand and a million",
  synth: 'cdk synth of both profiles',
  kernel: "the kernel's fingerprints against OpenSSL's SHA-256 and other BLAKE3s",
  'postgres-scan': 'what hashing adds to fetching, one side of PostgreSQL',
  'sweep-sql': 'sweeps of ten million rows, PostgreSQL against PostgreSQL, at four drifts',
  'sweep-memory': 'peak memory of a sweep at a hundred thousand and ten million rows',
  'sweep-dynamodb': 'a sweep of PostgreSQL against DynamoDB at the emulator’s scan rate',
  'sweep-files': "a sweep of CSV against Parquet, and DuckDB's EXCEPT",
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(3);
}

const [processor] = cpus();
console.log(
  `${cpus().length} × ${processor?.model ?? 'unknown'}, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB, Node ${process.versions.node}`,
);
let failed = false;
for (const [name, what] of Object.entries(BENCHMARKS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  console.log(`\n${name}: ${what}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
