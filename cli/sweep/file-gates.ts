/**
 * Gates and breakers of this machine: below a folder, for each dataset the revisions of its state, and a file for each settled trip. Nothing
 * in it is payload.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod/mini';
import type { GateListing, GateStore, HeldGate } from '../../functions/sweep/protocol/gate.ts';
import { Problem } from '../../shared/problem.ts';
import { Closing, Gate } from '../../shared/verdict/gate.ts';

/** Where the state of a folder in which somebody works lies. */
export const DEFAULT_STATE = join('.parapet', 'sweep');

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const REVISION = /^(\d{9})\.json$/;
const revisionFile = (revision: number): string => `${revision.toString().padStart(9, '0')}.json`;

/**
 * The name of the next revision must not be free for anybody who read an old one: a writer would have to sleep through so many changes between
 * a listing and the next call.
 */
const KEPT = 100;

/** Any number of processes may use one folder at once, on one machine or over a file system with hard links. */
export function fileGates(folder: string): GateStore & GateListing {
  const gates = join(folder, 'gates');
  const closings = join(folder, 'closings');
  const read = async (dataset: string): Promise<HeldGate | undefined> => {
    // Asked by whatever name somebody types; the name of a contract's dataset is one of these.
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(dataset)) return undefined;
    for (;;) {
      const revision = (await revisions(join(gates, dataset))).at(-1);
      if (revision === undefined) return undefined;
      const gate = await readDocument(Gate, join(gates, dataset, revisionFile(revision)));
      // Removed between the two: there is a newer one.
      if (gate !== undefined) return { gate, revision };
    }
  };
  return {
    read,
    write: async (gate, revision) => {
      const place = join(gates, gate.dataset);
      const newest = (await revisions(place)).at(-1) ?? 0;
      if (newest !== revision) return false;
      if (!(await createDurably(folder, place, revisionFile(revision + 1), gate))) return false;
      for (const old of (await revisions(place)).filter((each) => each < revision - KEPT)) {
        await unlink(join(place, revisionFile(old))).catch(() => {});
      }
      return true;
    },
    closings: async (dataset, sweeps) => {
      const found = await Promise.all(
        [...new Set(sweeps)].map((sweep) => readDocument(Closing, join(closings, dataset, `${sweep}.json`))),
      );
      return found.filter((closing) => closing !== undefined);
    },
    close: (closing) => createDurably(folder, join(closings, closing.dataset), `${closing.sweep}.json`, closing),
    list: async () => {
      const datasets = (await listed(gates)).sort();
      const found = await Promise.all(datasets.map(read));
      return found.flatMap((held) => (held === undefined ? [] : [held.gate]));
    },
  };
}

async function revisions(place: string): Promise<number[]> {
  return (await listed(place)).flatMap((name) => Number(REVISION.exec(name)?.[1] ?? [])).sort((a, b) => a - b);
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Whole or not at all, and not where there is one: a link is made at once. */
async function createDurably(folder: string, place: string, name: string, document: object): Promise<boolean> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  const draft = join(folder, `.${randomUUID()}`);
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(document)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, join(place, name));
    await syncFolder(place);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readDocument<Schema extends z.ZodMiniType>(
  schema: Schema,
  file: string,
): Promise<z.infer<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new Problem('configuration-invalid', { detail: `${file} is not what this command writes there.` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
