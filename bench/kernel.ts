/**
 * The kernel against OpenSSL's SHA-256 and against other BLAKE3s, and what encoding and the sketch add to it. One core, one run.
 *
 *   node bench/kernel.ts            a table
 *   node bench/kernel.ts --json     the same as JSON
 */
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { cpus } from 'node:os';
import { createBLAKE3 } from 'hash-wasm';
import { type RowEnds, writeTuple } from '../shared/canonical/postgres/tuple.ts';
import { copyWriters } from '../shared/fingerprint/copy-writers.ts';
import { createCopyFeed } from '../shared/fingerprint/create-copy-feed.ts';
import { instantiateKernel, type Kernel } from '../shared/fingerprint/kernel/kernel.ts';
import { KernelBatch } from '../shared/fingerprint/kernel-batch.ts';
import { deriveSweepKeys } from '../shared/fingerprint/keys.ts';
import { prf } from '../shared/fingerprint/prf.ts';
import { BATCH_ROWS, type RowBatch } from '../shared/fingerprint/row-batch.ts';
import { createAccumulator } from '../shared/sketch/accumulator.ts';
import { planSketch } from '../shared/sketch/plan.ts';
import { bestOf, type Contestant } from './best-of.ts';
import { HEADER, makeTuples, TABLE } from './tuples.ts';

const ROWS = 16_384;
const ROUNDS = 200;
const ROW_BYTES = 120;
/** What a socket delivers at once. */
const PIECE_BYTES = 65_536;

const keys = deriveSweepKeys(new Uint8Array(32).fill(1));
const rows = Array.from({ length: ROWS }, (_, row) => Buffer.alloc(ROW_BYTES, row).fill(row >> 8, 0, 8));
const blocks = rows.map((row) => Buffer.concat([row, Buffer.alloc(8)]));
const tuples = makeTuples(ROWS);

function kernel(): Kernel {
  const instance = instantiateKernel();
  if (instance === undefined) throw new Error('This machine has no WebAssembly SIMD.');
  return instance;
}

/** Rows that lie in the kernel's memory already: hashing and summing alone. */
function inPlace(): Contestant {
  const own = kernel();
  const key = own.allocate(32);
  own.store(key, keys.row);
  const [sum, ends, digests] = [own.allocate(32), own.allocate(BATCH_ROWS * 4), own.allocate(BATCH_ROWS * 32)];
  const start = own.allocate(BATCH_ROWS * ROW_BYTES + 2048);
  for (let row = 0; row < BATCH_ROWS; row++) {
    own.words(ends, BATCH_ROWS)[row] = (row + 1) * ROW_BYTES;
    own.bytes(start + row * ROW_BYTES, ROW_BYTES).set(rows[row] ?? []);
  }
  const run = (): void => {
    for (let batch = 0; batch < ROWS / BATCH_ROWS; batch++) {
      own.call.hashRows(key, start, ends, BATCH_ROWS, digests, 0);
      own.call.addDigests(sum, digests, BATCH_ROWS);
    }
  };
  return { name: 'kernel: digests and sum', count: ROWS, run };
}

/** What COPY BINARY sends, in pieces as they come from a socket, into rows: the hot path of a worker. */
function feeding(name: string, batch: RowBatch): Contestant {
  const feed = createCopyFeed(TABLE, batch);
  feed.push(HEADER);
  const run = (): void => {
    for (let at = 0; at < tuples.bytes.length; at += PIECE_BYTES)
      feed.push(tuples.bytes.subarray(at, at + PIECE_BYTES));
    batch.flush();
  };
  return { name, count: ROWS, run };
}

/** Encoding without hashing, by the writers that every engine has. */
function encodingRowByRow(): Contestant {
  const target = new Uint8Array(2 ** 16);
  const ends: RowEnds = { keyEnd: 0, end: 0 };
  const columns = copyWriters(TABLE);
  const run = (): void => {
    for (let row = 0; row < ROWS; row++) {
      writeTuple(columns, TABLE.keyColumns, tuples.bytes, (tuples.starts[row] ?? 0) + 2, target, 0, ends);
    }
  };
  return { name: 'encoding alone, row by row in JavaScript', count: ROWS, run };
}

/** Encoding without hashing, in the kernel: a batch that forgets its rows. */
function encodingInKernel(): Contestant {
  class Forgetting extends KernelBatch {
    override flush(): void {
      this.adopt(0, 0);
    }
  }
  return { ...feeding('', new Forgetting(kernel(), keys.row)), name: 'encoding alone, in the kernel' };
}

async function contestants(): Promise<readonly Contestant[]> {
  const hashWasm = await createBLAKE3(256, keys.row);
  return [
    {
      name: 'OpenSSL SHA-256 by crypto.hash, 128 bytes',
      count: ROWS,
      run: () => {
        for (const row of blocks) hash('sha256', row, 'binary');
      },
    },
    {
      name: 'hash-wasm keyed BLAKE3',
      count: ROWS,
      run: () => {
        for (const row of rows) hashWasm.init().update(row).digest('binary');
      },
    },
    {
      name: '@noble/hashes keyed BLAKE3',
      count: 512,
      run: () => {
        for (const row of rows.slice(0, 512)) prf(keys.row, row);
      },
    },
    inPlace(),
    encodingRowByRow(),
    encodingInKernel(),
    feeding('encoding, digests and sum', new KernelBatch(kernel(), keys.row)),
    ...[2000, 200_000, 1_000_000].map((capacity) =>
      feeding(
        `encoding, digests, sum, sketch of ${capacity.toLocaleString('en')} items, strata`,
        createAccumulator(keys, planSketch(capacity, 12)).rows,
      ),
    ),
  ];
}

/** OpenSSL without Node around it: `openssl speed`, where there is one. Nanoseconds per 128-byte message. */
function bareOpenssl(): number | undefined {
  const { stdout } = spawnSync('openssl', ['speed', '-mr', '-seconds', '2', '-bytes', '128', 'sha256'], {
    encoding: 'utf8',
  });
  const bytesPerSecond = Number(/^\+F:\d+:sha256:([\d.]+)/m.exec(stdout ?? '')?.[1]);
  return Number.isFinite(bytesPerSecond) && bytesPerSecond > 0 ? (128 / bytesPerSecond) * 1e9 : undefined;
}

const measured = bestOf(await contestants(), ROUNDS);
const bare = bareOpenssl();
const all =
  bare === undefined
    ? measured
    : [{ name: 'OpenSSL SHA-256 by `openssl speed`, 128 bytes', nanoseconds: bare }, ...measured];
const reference = all[0]?.nanoseconds ?? Number.NaN;
const results = all.map(({ name, nanoseconds }) => ({ name, nanoseconds, ratio: reference / nanoseconds }));
const machine = { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version };

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ machine, rowBytes: ROW_BYTES, results }));
} else {
  console.log(
    `${machine.model}, ${machine.cores} cores, Node ${machine.node}; one core used; best of ${ROUNDS} rounds of ${ROWS} rows`,
  );
  console.log('| what | ns a row | million rows/s | × the first |\n| --- | --- | --- | --- |');
  for (const { name, nanoseconds, ratio } of results) {
    console.log(`| ${name} | ${nanoseconds.toFixed(1)} | ${(1000 / nanoseconds).toFixed(2)} | ${ratio.toFixed(2)} |`);
  }
}
