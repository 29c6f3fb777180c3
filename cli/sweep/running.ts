/**
 * What a sweep leaves while it runs, so that the same command can go on after a crash: its plan and the results of the partitions that were
 * read, encrypted under keys that follow from a secret of the person's. The secret lies elsewhere; here is nothing that opens anything.
 */
import { hkdfSync } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Planned, PlanPorts, PlanRequest } from '../../functions/sweep/plan/plan.ts';
import { takeUp } from '../../functions/sweep/plan/take-up.ts';
import { KEY_BYTES, zeroise } from '../../shared/envelope/cipher.ts';
import { Problem } from '../../shared/problem.ts';
import { isFile } from '../files.ts';
import { note } from '../terminal.ts';
import { random } from './local-keys.ts';

const SALT = 'salt';
/** Less than this could be guessed, and what is more than that is no secret but a mistaken file. */
const SECRET_BYTES = { least: 32, most: 4096 };

export interface Running {
  readonly folder: string;
  readonly storeKey: Uint8Array;
  readonly masterKey: Uint8Array;
}

export async function openRunning(state: string, dataset: string, secretFile: string): Promise<Running> {
  const secret = readSecret(secretFile);
  const folder = join(state, 'running', dataset);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const salt = await saltOf(join(folder, SALT));
  const derived = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, salt, `parapet-running ${dataset} ${purpose}`, KEY_BYTES));
  const running = { folder, storeKey: derived('store'), masterKey: derived('master') };
  zeroise(secret);
  return running;
}

function readSecret(file: string): Buffer {
  if (!isFile(file)) throw new Problem('usage-invalid', { detail: `${file} is no file.` });
  const { size } = statSync(file);
  if (size < SECRET_BYTES.least || size > SECRET_BYTES.most) {
    throw new Problem('usage-invalid', {
      detail: `${file} is no secret of ${SECRET_BYTES.least} bytes or more: openssl rand -out FILE 32 makes one.`,
    });
  }
  return readFileSync(file);
}

/** The same for every run that goes on with another. */
async function saltOf(file: string): Promise<Uint8Array> {
  try {
    await writeFile(file, random(KEY_BYTES), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFile(file);
}

/** The plan that a run before this one left; undefined when there is none, or none that is of use, which is then gone. */
export async function resume(
  { folder }: Running,
  request: Omit<PlanRequest, 'sweep'>,
  ports: Pick<PlanPorts, 'open' | 'store' | 'keys' | 'code'>,
): Promise<Planned | undefined> {
  try {
    const taken = await takeUp(request, ports);
    if (taken === 'stale') {
      await clear(folder);
      note(
        'What a run before this one left is of another contract, program or state of the sides: the sweep begins anew.',
      );
    }
    if (taken === 'stale' || taken === 'none') return undefined;
    if (taken.ready) note(`Going on with sweep ${taken.manifest.sweep}, planned ${taken.manifest.plannedAt}.`);
    return taken;
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'ciphertext-invalid')) throw error;
    throw new Problem('usage-invalid', { detail: `What lies in ${folder} was not made under the secret of --resume.` });
  }
}

/** The salt stays: the keys in memory follow from it. */
async function clear(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== SALT);
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
