/**
 * A seal as it lies in a folder: `seal.json`, `checkpoint`, perhaps `public-key.pem`, and the segments under their object
 * keys (`entries/<run>/…`).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SealDocument, SealSegment } from '../shared/audit/seal-document.ts';
import { leavesOf } from '../shared/audit/segment.ts';
import { parseVerifierKey, type VerifierKey } from '../shared/audit/verifier-key.ts';
import { Problem } from '../shared/problem.ts';
import { isFile, readBytes, readText } from './files.ts';

export const SEAL_FILE = 'seal.json';
export const CHECKPOINT_FILE = 'checkpoint';
export const PUBLIC_KEY_FILE = 'public-key.pem';

/** The bytes of a segment, asked for in the order of the tree. */
export type SegmentSource = (segment: SealSegment) => Promise<Uint8Array | undefined>;

export interface TrustedKey {
  readonly key: VerifierKey;
  /** `beside`: it came with the evidence. That shows that nothing was changed since, and not who signed. */
  readonly from: 'given' | 'beside';
}

/** Problem('usage-invalid') where the file of --public-key holds none: nothing was judged. */
export function givenKey(file: string): VerifierKey {
  const text = readText(file);
  try {
    return parseVerifierKey(text);
  } catch (cause) {
    throw new Problem('usage-invalid', { detail: `--public-key: ${file} is no public key of Ed25519.`, cause });
  }
}

/** The key that was given, or the one that lies in `folder`. */
export function trustedKey(given: string | undefined, folder: string): TrustedKey {
  if (given !== undefined) return { key: givenKey(given), from: 'given' };
  const beside = join(folder, PUBLIC_KEY_FILE);
  if (!isFile(beside)) {
    throw new Problem('usage-invalid', {
      detail: `Give --public-key: there is no ${PUBLIC_KEY_FILE} beside the seal.`,
    });
  }
  return { key: parseVerifierKey(readText(beside)), from: 'beside' };
}

/**
 * Segments from a folder, by their keys, or from one file that holds them all in the order of the tree. A new source for
 * every pass.
 */
export function segmentSource(path: string): SegmentSource {
  return isFile(path) ? fromFile(readBytes(path)) : fromFolder(path);
}

/** The file that stands for an object; `undefined` for a key of a forged seal that would lead out of the folder. */
export function fileOf(folder: string, key: string): string | undefined {
  const parts = key.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\'))) return undefined;
  return join(folder, ...parts);
}

function fromFolder(folder: string): SegmentSource {
  return async ({ key }) => {
    const file = fileOf(folder, key);
    return file !== undefined && existsSync(file) ? readBytes(file) : undefined;
  };
}

function fromFile(all: Uint8Array): SegmentSource {
  let start = 0;
  return async ({ leaves }) => {
    const begin = start;
    for (let line = 0; line < leaves; line++) {
      const end = all.indexOf(0x0a, start);
      if (end === -1) return undefined;
      start = end + 1;
    }
    return all.subarray(begin, start);
  };
}

/** Every leaf of the seal, in the order of the tree. */
export async function* leavesIn({ segments }: SealDocument, source: SegmentSource): AsyncGenerator<Uint8Array> {
  for (const segment of segments) {
    const bytes = await source(segment);
    if (bytes === undefined) throw new Problem('evidence-invalid', { detail: `${segment.key} is missing.` });
    yield* leavesOf(bytes);
  }
}
