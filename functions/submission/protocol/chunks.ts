import type { Output } from '../../../shared/audit/fields.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { zeroise } from '../../../shared/envelope/cipher.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { ChunkReference, VaultReference } from './manifest.ts';
import type { ChunkCommit } from './stage-log.ts';
import { decodeRecords, encodeRecords, type WorkingRecord } from './working-record.ts';

/** A chunk is cut at 4 MiB of input; derived fields and tokens may add to it at later stages. */
const MAX_CHUNK_BYTES = 64 * 1024 * 1024;

/** The records of one chunk. Throws `evidence-invalid` unless they are, to the bit, what the manifest says. */
export async function readChunk(
  store: ObjectStore,
  { key, sha256, records }: ChunkReference,
): Promise<WorkingRecord[]> {
  const found = await store.get(key, { maxBytes: MAX_CHUNK_BYTES });
  if (found === undefined) throw new Problem('not-found', { detail: 'A chunk of the stage before is gone.' });
  if (sha256Hex(found.bytes) !== sha256) throw new Problem('evidence-invalid', { detail: 'A chunk has been changed.' });
  const decoded = decodeRecords(found.bytes);
  zeroise(found.bytes);
  if (decoded.length !== records) throw new Problem('evidence-invalid', { detail: 'A chunk lacks records.' });
  return decoded;
}

/** Writes the records that go on; nothing when there are none. */
export async function writeChunk(
  store: ObjectStore,
  key: string,
  records: readonly WorkingRecord[],
): Promise<Output[]> {
  if (records.length === 0) return [];
  const bytes = encodeRecords(records);
  const output = { kind: 'records', key, sha256: sha256Hex(bytes), records: records.length } as const;
  const { byteLength } = bytes;
  await store.put(key, bytes, { contentType: 'application/x-ndjson' });
  zeroise(bytes);
  return [{ ...output, bytes: byteLength }];
}

/** What the next stage is told of a committed chunk; `undefined` when none of its records passed. */
export function referenceTo(commit: ChunkCommit, vault: VaultReference | undefined): ChunkReference | undefined {
  const output = commit.outputs.find(({ kind }) => kind === 'records');
  if (output === undefined) return undefined;
  const { key, sha256, records, bytes } = output;
  const reference = { index: commit.chunk, key, sha256, records, bytes };
  return vault === undefined ? reference : { ...reference, vault };
}
