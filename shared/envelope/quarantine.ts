/**
 * A quarantine segment: the raw records that one stage turned away from one chunk, under one data key of their own
 * (envelope encryption besides SSE-KMS; requirement B03). Each record opens alone.
 *
 * The object is JSON: `{"format":"parapet-quarantine","version":1,"context":{…},"wrappedKey":"<base64>",
 * "records":[{"record":17,"sealed":"<base64url>"}]}`.
 */
import * as z from 'zod/mini';
import type { DataKey, Random } from '../ports.ts';
import { Problem } from '../problem.ts';
import { decrypt, encrypt } from './cipher.ts';
import { boundTo, SegmentContext } from './context.ts';
import { parseSegment } from './segment.ts';

const FORMAT = 'parapet-quarantine';

const QuarantineSegment = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  context: SegmentContext,
  wrappedKey: z.string().check(z.minLength(1)),
  records: z.array(z.strictObject({ record: z.int().check(z.positive()), sealed: z.string() })),
});
export type QuarantineSegment = z.infer<typeof QuarantineSegment>;

/** A record as it came: its ordinal in the upload, from 1, and its bytes, well-formed or not. */
export interface RawRecord {
  readonly record: number;
  readonly raw: Uint8Array | string;
}

/**
 * Makes the object's text. `key` was generated under `encryptionContext('quarantine', context)`; the caller zeroises it.
 */
export function sealQuarantineSegment(
  context: SegmentContext,
  key: DataKey,
  records: Iterable<RawRecord>,
  random: Random,
): string {
  const bound = boundTo('quarantine', context);
  const segment: QuarantineSegment = {
    format: FORMAT,
    version: 1,
    context,
    wrappedKey: Buffer.from(key.wrapped).toString('base64'),
    records: Array.from(records, ({ record, raw }) => ({
      record,
      sealed: encrypt(key.plaintext, bound('record', record.toString()), raw, random),
    })),
  };
  return JSON.stringify(segment);
}

/** Reads the object's text; opens nothing. Problem('ciphertext-invalid') when it is no quarantine segment of version 1. */
export function parseQuarantineSegment(text: string): QuarantineSegment {
  return parseSegment(QuarantineSegment, text);
}

/**
 * Opens one record. `expected` is where the caller found the segment (from its key or the audit log), not what the
 * segment says of itself: a segment moved elsewhere does not open.
 */
export function openQuarantinedRecord(
  segment: QuarantineSegment,
  expected: SegmentContext,
  dataKey: Uint8Array,
  record: number,
): Buffer {
  const found = segment.records.find((each) => each.record === record);
  if (found === undefined) throw new Problem('not-found', { detail: `The segment holds no record ${record}.` });
  return decrypt(dataKey, boundTo('quarantine', expected)('record', record.toString()), found.sealed);
}
