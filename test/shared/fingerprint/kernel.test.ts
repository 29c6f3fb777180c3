import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { instantiateKernel, type Kernel } from '../../../shared/fingerprint/kernel/kernel.ts';
import { KernelBatch } from '../../../shared/fingerprint/kernel-batch.ts';
import { prf } from '../../../shared/fingerprint/prf.ts';
import { addRows, expectedSet } from './rows.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const VECTORS = join(root, '..', 'shared', 'vectors', 'blake3-official.json');

/** Digests of rows in row order, as the kernel gives them. */
function digestsOf(key: Uint8Array, rows: readonly Uint8Array[]): string[] {
  const kernel = kernelHere();
  const digests: string[] = [];
  const batch = new KernelBatch(kernel, key, ({ digests: address, count }) => {
    for (let row = 0; row < count; row++) digests.push(hex(kernel.bytes(address + row * 32, 32)));
  });
  addRows(batch, rows);
  batch.flush();
  return digests;
}

function kernelHere(): Kernel {
  const kernel = instantiateKernel();
  if (kernel === undefined) throw new Error('This machine has no WebAssembly SIMD.');
  return kernel;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const key = Buffer.from('a key of this test, 32 bytes long'.slice(0, 32));
const bytesOf = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 131 + seed * 31 + (index >> 8)) & 0xff);

interface Vectors {
  readonly key: string;
  readonly cases: readonly { readonly input_len: number; readonly keyed_hash: string }[];
}

describe('kernel', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const absent = !existsSync(VECTORS);
  if (absent) console.log('The official BLAKE3 vectors are not on this machine: the test against them is skipped.');
  it.skipIf(absent)('[S05] gives the official keyed hashes of BLAKE3, at every length of the vectors', () => {
    const vectors: Vectors = JSON.parse(readFileSync(VECTORS, 'utf8'));
    const rows = vectors.cases.map(({ input_len }) =>
      Uint8Array.from({ length: input_len }, (_, index) => index % 251),
    );
    const expected = vectors.cases.map(({ keyed_hash }) => keyed_hash.slice(0, 64));
    expect(expected.length).toBeGreaterThan(30);
    expect(digestsOf(Buffer.from(vectors.key), rows)).toEqual(expected);
  });

  it('agrees with the reference on every length up to three chunks and a bit, in one batch of mixed lengths', () => {
    const rows = Array.from({ length: 3200 }, (_, index) => bytesOf((index * 1237) % 3200, index));
    expect(digestsOf(key, rows)).toEqual(rows.map((row) => hex(prf(key, row))));
  });

  it('agrees with the reference on random rows of 0 to 5000 bytes, digests and sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 40 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (rows, rowKey) => {
          const batch = new KernelBatch(kernelHere(), rowKey);
          addRows(batch, rows);
          expect({ count: batch.count, sum: batch.sum() }).toEqual(expectedSet(rowKey, rows));
          expect(digestsOf(rowKey, rows)).toEqual(rows.map((row) => hex(prf(rowKey, row))));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hashes a row longer than the memory of a batch, between short ones', () => {
    const rows = [bytesOf(10), bytesOf(1_500_001), bytesOf(64), bytesOf(700_000), bytesOf(0)];
    expect(digestsOf(key, rows)).toEqual(rows.map((row) => hex(prf(key, row))));
  });

  it('does not let what lies behind a row into its digest', () => {
    const short = bytesOf(33);
    const [alone] = digestsOf(key, [short]);
    const [followed] = digestsOf(key, [short, bytesOf(900, 7)]);
    expect(followed).toBe(alone);
  });

  it('is what its source compiles to, byte for byte', async () => {
    const build = join(root, 'shared', 'fingerprint', 'kernel', 'build.mjs');
    const run = promisify(execFile)(process.execPath, [build, '--check'], { cwd: root });
    await expect(run).resolves.toMatchObject({ stderr: '' });
  });

  it.each([
    ['WebAssembly', undefined],
    ['its SIMD', { validate: () => false }],
  ])('is absent where %s is missing', async (_what, global) => {
    // The module of this process is compiled already: only a fresh import asks what the machine can do.
    vi.resetModules();
    vi.stubGlobal('WebAssembly', global);
    const fresh = await import('../../../shared/fingerprint/kernel/kernel.ts');
    expect(fresh.instantiateKernel()).toBeUndefined();
  });
});
