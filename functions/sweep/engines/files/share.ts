/** Lists of files as JSON, on their way to other workers and back. */
import * as z from 'zod/mini';
import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';
import type { FileVersion } from './byte-source.ts';

/** A range of one version of a file. */
export interface Part {
  readonly file: FileVersion;
  readonly range: Json;
}

const bytes = z.int().check(z.nonnegative());
const Share = z.array(z.tuple([z.string(), bytes, z.string()]));
const Parts = z.array(z.tuple([z.string(), bytes, z.string(), z.json()]));

export function decodeShare(share: Json): readonly FileVersion[] {
  const parsed = Share.safeParse(share);
  if (!parsed.success) throw new Problem('snapshot-gone', { detail: 'What was shared is no list of files.' });
  return parsed.data.map(([name, size, version]) => ({ name, bytes: size, version }));
}

export function encodeParts(parts: readonly Part[]): Json {
  return parts.map(({ file, range }) => [file.name, file.bytes, file.version, range]);
}

export function decodeParts(bounds: Json): readonly Part[] {
  const parsed = Parts.safeParse(bounds);
  if (!parsed.success) throw new Problem('evidence-invalid', { detail: 'A partition is not one of files.' });
  return parsed.data.map(([name, size, version, range]) => ({ file: { name, bytes: size, version }, range }));
}
