/** The command `parapet sweep`, run as a person would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Equivalence } from '../../shared/equivalence/schema.ts';
import { Verdict } from '../../shared/verdict/schema.ts';
import { SIGNER, signed } from '../../test/support/sweep/contract.ts';
import { type Ran, run } from './process.ts';

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'parapet.mjs');

export interface SignedFile extends Disposable {
  readonly path: string;
}

/** A folder of its own for a contract and its signature. */
export async function contractFile(contract: Equivalence): Promise<SignedFile> {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-bench-'));
  const path = join(folder, 'contract.json');
  const { text, signature } = await signed(contract);
  writeFileSync(path, text);
  writeFileSync(`${path}.jws`, signature);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Endpoints {
  readonly source: string;
  readonly target: string;
}

export interface Swept extends Ran {
  readonly verdict: Verdict;
}

/** `capacity`: differing rows that can be listed; each is up to two items of the sketch. */
export async function sweepOnce(contract: SignedFile, urls: Endpoints, capacity: number): Promise<Swept> {
  const ran = await run(CLI, [
    ...['sweep', '--json', '--contract', contract.path, '--signer', SIGNER, '--capacity', String(capacity)],
    ...['--source', urls.source, '--target', urls.target],
    ...(process.env.PARAPET_BENCH_WORKERS === undefined ? [] : ['--workers', process.env.PARAPET_BENCH_WORKERS]),
  ]);
  return { ...ran, verdict: Verdict.parse(JSON.parse(ran.stdout)) };
}
