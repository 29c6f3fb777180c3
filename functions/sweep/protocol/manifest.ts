/** What plan hands to the other steps. Bounds and shares are payload: a manifest is stored encrypted and never logged. */
import * as z from 'zod/mini';
import { Sha256Hex } from '../../../shared/digest.ts';
import { Problem } from '../../../shared/problem.ts';
import { KEY_PROOFS, NotCompared, SweepId } from '../../../shared/verdict/schema.ts';
import type { Json } from '../engines/engine.ts';

const count = z.int().check(z.nonnegative());
const json: z.ZodMiniType<Json> = z.json();

export const PlannedSide = z.strictObject({
  consistency: z.enum(['frozen', 'settled']),
  position: z.string(),
  /** SHA-256 of what names the place itself: whoever reads for this sweep makes sure to be there. */
  place: Sha256Hex,
  /** For `open`, so that every worker reads the same state; absent when there is nothing to share. */
  share: z.exactOptional(json),
  /** SHA-256 of the columns found; absent where the engine declares none. */
  schema: z.exactOptional(Sha256Hex),
  unique: z.enum(KEY_PROOFS),
  partitions: z.array(z.strictObject({ bounds: json, estimatedRows: z.number() })),
});
export type PlannedSide = z.infer<typeof PlannedSide>;

export const SweepManifest = z.strictObject({
  format: z.literal('parapet-sweep'),
  version: z.literal(1),
  sweep: SweepId,
  contract: z.strictObject({ dataset: z.string(), version: count, sha256: Sha256Hex, signer: Sha256Hex }),
  code: Sha256Hex,
  plannedAt: z.string(),
  /** Both sides, by the contract and by their engines. */
  frozen: z.boolean(),
  notCompared: z.array(NotCompared),
  source: PlannedSide,
  target: PlannedSide,
  sketch: z.strictObject({ capacity: count, cellsPerTable: count, slotBytes: count }),
  /** The sweep key, wrapped (base64); for hash and locate. */
  sweepKey: z.string(),
  /** The cell key alone, sealed under a key of its own, so that compare can decode and not look rows up. */
  cellKey: z.strictObject({ wrapped: z.string(), sealed: z.string() }),
});
export type SweepManifest = z.infer<typeof SweepManifest>;

export function encodeManifest(manifest: SweepManifest): Uint8Array {
  return Buffer.from(JSON.stringify(manifest), 'utf8');
}

/** Problem('evidence-invalid') when it is none. */
export function decodeManifest(bytes: Uint8Array): SweepManifest {
  const parsed = SweepManifest.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (!parsed.success) throw new Problem('evidence-invalid', { detail: 'The manifest does not have the form of one.' });
  return parsed.data;
}
