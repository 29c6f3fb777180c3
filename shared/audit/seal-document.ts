/**
 * What lies beside a checkpoint: which segments make up the tree, and what they add up to. Everything in it can be
 * recomputed, except version ids: they only say where to look, and what is found there is held against its digest.
 */
import * as z from 'zod/mini';
import { RunId, Sha256Hex } from '../digest.ts';
import { canonicalJson } from '../json/canonical.ts';
import { RUN_OUTCOMES } from '../messages.ts';
import { Problem } from '../problem.ts';
import { AUDIT_ACTIONS } from './entry.ts';
import { count, ObjectKey } from './fields.ts';

/** A tree's head; `root` in base64, as in the checkpoint. */
const Tree = z.strictObject({ size: count, root: z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/)) });

const SealSegment = z.strictObject({
  key: ObjectKey,
  /** The object version that was read: delete markers are no deletion. */
  versionId: z.string(),
  /** Of the object's bytes. */
  sha256: Sha256Hex,
  /** Index in the tree of its first line. */
  firstLeaf: count,
  leaves: z.int().check(z.positive()),
});
export type SealSegment = z.infer<typeof SealSegment>;

export const SealDocument = z.strictObject({
  schema: z.literal(1),
  run: RunId,
  /** From 1; each generation's tree begins with the tree of the one before. */
  generation: z.int().check(z.positive()),
  outcome: z.enum(RUN_OUTCOMES),
  counts: z.strictObject({ received: count, exported: count, quarantined: count }),
  /** Entries by action. */
  actions: z.record(z.enum(AUDIT_ACTIONS), count),
  tree: Tree,
  /** The tree of the generation before. */
  previous: z.exactOptional(Tree),
  /** In the order of the tree. */
  segments: z.array(SealSegment).check(z.minLength(1)),
});
export type SealDocument = z.infer<typeof SealDocument>;

export function encodeSealDocument(document: SealDocument): string {
  return `${canonicalJson(document)}\n`;
}

/** Problem('seal-invalid') when it is no seal document of this schema. */
export function parseSealDocument(text: string): SealDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = SealDocument.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.');
    throw new Problem('seal-invalid', {
      detail: `The seal document does not have the form of one: ${path || 'JSON'}.`,
    });
  }
  return parsed.data;
}
