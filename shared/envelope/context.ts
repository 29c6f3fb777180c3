/**
 * What a segment is bound to. The same facts are authenticated in every ciphertext of the segment and are the KMS
 * encryption context of its data key, so that neither a key nor a ciphertext can be moved to another run or chunk.
 */
import * as z from 'zod/mini';
import { RunId } from '../digest.ts';
import { canonicalJson } from '../json/canonical.ts';
import { STAGES } from '../names.ts';
import type { KeyContext } from '../ports.ts';

export const SegmentContext = z.strictObject({
  /** The stage that writes the segment. */
  stage: z.enum(STAGES),
  run: RunId,
  /** Keeps two attempts at one chunk apart, as in the object's key. */
  attempt: z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/, 'an attempt id')),
  /** Ordinal of the chunk in the stage, from 0. */
  chunk: z.int().check(z.nonnegative()),
});
export type SegmentContext = z.infer<typeof SegmentContext>;

export type SegmentPurpose = 'quarantine' | 'vault';

/** The KMS encryption context under which the segment's data key is generated and decrypted. */
export function encryptionContext(purpose: SegmentPurpose, context: SegmentContext): KeyContext {
  return {
    purpose,
    stage: context.stage,
    run: context.run,
    attempt: context.attempt,
    chunk: context.chunk.toString(),
  };
}

/** The text that authenticates one ciphertext: `part` says what it is within the segment (`record`, `subject-key`, `value`), `of` which one. */
export function boundTo(purpose: SegmentPurpose, context: SegmentContext): (part: string, ...of: string[]) => string {
  const prefix = canonicalJson({ ...encryptionContext(purpose, context), format: 1 });
  return (part, ...of) => `${prefix}${canonicalJson([part, ...of])}`;
}
