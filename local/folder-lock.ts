/** One process at a time in a state folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../shared/problem.ts';

/** A holder that is just being killed gets this long to be gone. */
const PATIENCE_MS = 1_000;

export interface FolderLock {
  release(): void;
}

/**
 * The lock is the operating system's (through SQLite), so a process that was killed leaves none behind; the file with the
 * process id beside it only says whom to look for.
 * @throws Problem `usage-invalid` when another process, or another cloud of this one, holds the folder
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true });
  const holder = join(folder, 'lock.pid');
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: PATIENCE_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    const detail = `${folder} is in use by the embedded cloud of process ${readHolder(holder)}.`;
    throw new Problem('usage-invalid', { detail, cause });
  }
  writeFileSync(holder, `${process.pid}\n`);
  return { release: () => lock.close() };
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
