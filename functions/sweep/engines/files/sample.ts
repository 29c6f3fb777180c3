import { type ByteSource, type FileVersion, readStretch } from './byte-source.ts';

const SAMPLE_BYTES = 256 * 1024;

/** How many rows there are to a byte, by those that `count` finds at the beginning of a file. */
export async function rowsPerByte(
  source: ByteSource,
  file: FileVersion,
  count: (block: Uint8Array) => number,
): Promise<number> {
  const block = await readStretch(source, file, 0, Math.min(file.bytes, SAMPLE_BYTES));
  return Math.max(1, count(block)) / block.length;
}
