import type { FieldProblem } from '../problem.ts';
import type { ByteRange, RejectedRecord } from './records.ts';

/** A record that goes to quarantine, with a copy of its bytes (the block that they lie in is not kept alive by it). */
export function rejected(
  record: number,
  range: ByteRange,
  problems: readonly FieldProblem[],
  raw: Uint8Array,
): RejectedRecord {
  return { record, range, problems, raw: Uint8Array.from(raw) };
}

/** A record that was skipped, not held: its bytes are to be had from the payload, by range. */
export function tooLarge(record: number, range: ByteRange, limit: number): RejectedRecord {
  return {
    record,
    range,
    problems: [{ code: 'record-too-large', pointer: '', rule: `maxRecordBytes ${limit}` }],
    raw: undefined,
  };
}
