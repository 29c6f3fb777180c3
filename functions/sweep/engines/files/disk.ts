import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Problem } from '../../../../shared/problem.ts';
import type { ByteSource, FileVersion } from './byte-source.ts';

const BLOCK_BYTES = 1024 * 1024;

/** One file, or every file below a folder, except hidden ones. Throws Problem('not-found') where there is neither. */
export async function openDisk(path: string): Promise<ByteSource> {
  const root = await realpath(path).catch((): never => {
    throw new Problem('not-found', { detail: 'There is no such file or folder.' });
  });
  const isFolder = (await stat(root)).isDirectory();
  const placeOf = (name: string): string => (isFolder ? join(root, name) : root);
  return {
    identity: `file://${root}`,
    list: async () => {
      const names = isFolder ? await filesBelow(root) : [''];
      const files = await Promise.all(names.map(async (name) => ({ name, ...(await contentOf(placeOf(name))) })));
      return files.filter(({ bytes }) => bytes > 0);
    },
    read: (file, start, end) => readBlocks(placeOf(file.name), file, start, end),
  };
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split('/').some((step) => step.startsWith('.')))
    .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

/** Whoever writes a file changes its time of change, in nanoseconds; whoever replaces it, its inode. */
async function contentOf(from: string | FileHandle): Promise<Pick<FileVersion, 'bytes' | 'version'>> {
  const { size, ino, mtimeNs, ctimeNs } =
    typeof from === 'string' ? await stat(from, { bigint: true }) : await from.stat({ bigint: true });
  return { bytes: Number(size), version: `${ino}-${mtimeNs}-${ctimeNs}` };
}

async function* readBlocks(
  place: string,
  { bytes, version }: FileVersion,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const file = await open(place).catch((): never => {
    throw new Problem('snapshot-gone', { detail: 'A file is no longer there.' });
  });
  try {
    const demandSame = async (): Promise<void> => {
      const now = await contentOf(file);
      if (now.bytes !== bytes || now.version !== version) {
        throw new Problem('snapshot-gone', { detail: 'A file has been written to.' });
      }
    };
    await demandSame();
    for (let at = start; at < end; ) {
      const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, end - at));
      const { bytesRead } = await file.read(block, 0, block.length, at);
      if (bytesRead === 0) throw new Problem('snapshot-gone', { detail: 'A file has been cut short.' });
      at += bytesRead;
      yield block.subarray(0, bytesRead);
    }
    await demandSame();
  } finally {
    await file.close();
  }
}
