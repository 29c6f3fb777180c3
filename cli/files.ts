/** Files that a person names on the command line. A path is no secret; what stands in a file never enters an error. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from '../shared/problem.ts';

/** Problem('not-found') when there is no such file. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Problem('not-found', { detail: `${file} cannot be read.`, cause });
  }
}

export function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

export function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** Problem('usage-invalid') where `path` is a file, or below one: a folder that is not there yet can be made. */
export function demandFolder(path: string, option: string): void {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  if (!statSync(there).isDirectory())
    throw new Problem('usage-invalid', { detail: `${option}: ${there} is no folder.` });
}

export interface WriteOptions {
  /** Replaces a file that is there. */
  readonly force?: boolean;
  /** Permissions, for a private key. */
  readonly mode?: number;
}

/** Problem('usage-invalid') when the file is there already and `force` is not given, or cannot be written. */
export function writeText(file: string, text: string, { force = false, mode = 0o666 }: WriteOptions = {}): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx', mode });
  } catch (cause) {
    const there = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const detail = there ? `${file} is there already; --force replaces it.` : `${file} cannot be written.`;
    throw new Problem('usage-invalid', { detail, cause });
  }
}
