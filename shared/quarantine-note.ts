/**
 * What lies beside a quarantine segment, under `KEYS.problems`: why each record is there, by pointer, code and rule and never
 * by value; and where the records come from, so that a release can judge them again. People read it; nothing in it needs
 * the segment's key.
 */
import * as z from 'zod/mini';
import { Sha256Hex } from './digest.ts';
import { SegmentContext } from './envelope/context.ts';
import { Origin } from './origin.ts';
import { isProblemCode, Problem, type ProblemCode } from './problem.ts';

const code = z.custom<ProblemCode>((value) => typeof value === 'string' && isProblemCode(value), 'a problem code');

const QuarantineNoteSchema = z.strictObject({
  format: z.literal('parapet-problems'),
  version: z.literal(1),
  context: SegmentContext,
  /** The segment that holds the records. */
  segment: z.strictObject({ key: z.string(), sha256: Sha256Hex }),
  origin: Origin,
  /** Where the values behind the records' tokens lie; absent for raw records, which hold none. */
  vault: z.exactOptional(z.strictObject({ key: z.string(), sha256: Sha256Hex, context: SegmentContext })),
  records: z.array(
    z.strictObject({
      record: z.int().check(z.positive()),
      /** Bytes of the upload, of a record that was too large to hold: it is in no segment, but in the upload's own copy. */
      range: z.exactOptional(z.strictObject({ start: z.int(), end: z.int() })),
      errors: z.readonly(
        z.array(z.strictObject({ code, pointer: z.string(), rule: z.string() })).check(z.minLength(1)),
      ),
    }),
  ),
});

export type QuarantineNote = z.infer<typeof QuarantineNoteSchema>;

/** Throws `not-found` when the text is no such document. */
export function parseQuarantineNote(text: string): QuarantineNote {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = QuarantineNoteSchema.safeParse(value);
  if (!parsed.success) throw new Problem('not-found', { detail: 'What lies there is no list of problems.' });
  return parsed.data;
}
