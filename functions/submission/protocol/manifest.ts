import * as z from 'zod/mini';
import { Transition, verifyTransitions } from '../../../shared/audit/transition.ts';
import { RunId, Sha256Hex, sha256Hex } from '../../../shared/digest.ts';
import { SegmentContext } from '../../../shared/envelope/context.ts';
import { Counts } from '../../../shared/message-schemas.ts';
import type { ManifestReference } from '../../../shared/messages.ts';
import { CUSTODY } from '../../../shared/names.ts';
import { Origin } from '../../../shared/origin.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

/** Where the values behind a chunk's tokens lie. Holds through every later stage, and through quarantine. */
export const VaultReference = z.strictObject({ key: z.string(), sha256: Sha256Hex, context: SegmentContext });
export type VaultReference = z.infer<typeof VaultReference>;

export const ChunkReference = z.strictObject({
  /** Ordinal in the run, alike at every stage; gaps are chunks of which no record passed. */
  index: z.int().check(z.nonnegative()),
  key: z.string(),
  sha256: Sha256Hex,
  records: z.int().check(z.positive()),
  bytes: z.int().check(z.positive()),
  vault: z.exactOptional(VaultReference),
});
export type ChunkReference = z.infer<typeof ChunkReference>;

/** What one boundary hands to the next: references, counts, and where it all came from. Strict, and bound by digest. */
export const Manifest = z.strictObject({
  format: z.literal('parapet-manifest'),
  version: z.literal(1),
  run: RunId,
  stage: z.enum(['ingestion', 'reconciliation', 'processing', CUSTODY]),
  attempt: z.string(),
  origin: Origin,
  counts: Counts,
  /** In the order of their index. */
  chunks: z.array(ChunkReference),
  transitions: z.array(Transition).check(z.minLength(1)),
});
export type Manifest = z.infer<typeof Manifest>;

/** A million records are some two hundred chunks of 400 bytes each. */
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

export async function writeManifest(store: ObjectStore, key: string, manifest: Manifest): Promise<ManifestReference> {
  const bytes = Buffer.from(JSON.stringify(manifest), 'utf8');
  await store.put(key, bytes, { contentType: 'application/json' });
  return { key, sha256: sha256Hex(bytes) };
}

/** Reads what the state refers to. Throws `not-found`, or `evidence-invalid` when it is not exactly that. */
export async function readManifest(store: ObjectStore, run: string, reference: ManifestReference): Promise<Manifest> {
  const found = await store.get(reference.key, { maxBytes: MAX_MANIFEST_BYTES });
  if (found === undefined) throw new Problem('not-found', { detail: 'The manifest of the stage before is gone.' });
  if (sha256Hex(found.bytes) !== reference.sha256) {
    throw new Problem('evidence-invalid', { detail: 'The manifest is not the one that the state names.' });
  }
  const parsed = Manifest.safeParse(JSON.parse(Buffer.from(found.bytes).toString('utf8')));
  if (!parsed.success || parsed.data.run !== run) {
    throw new Problem('evidence-invalid', {
      detail: 'The manifest does not have the form of one, or is of another run.',
    });
  }
  verifyTransitions(parsed.data.transitions);
  return parsed.data;
}
