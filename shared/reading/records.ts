/** What the streaming readers give: every record of a payload, in order, as a value or as its problems. */
import type { Contract, ContractRecord } from '../contract/schema.ts';
import type { FieldProblem } from '../problem.ts';

/** Byte offsets into the payload as it was sent (a byte-order mark counts); `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface AcceptedRecord {
  /** Counts from 1, in the order of the file; a CSV header is not a record, a blank line neither. */
  readonly record: number;
  readonly range: ByteRange;
  readonly value: ContractRecord;
  readonly problems?: undefined;
}

export interface RejectedRecord {
  readonly record: number;
  readonly range: ByteRange;
  readonly value?: undefined;
  readonly problems: readonly FieldProblem[];
  /** The record's own bytes, a copy; undefined when it is larger than `maxRecordBytes` (it was skipped, never held). */
  readonly raw: Uint8Array | undefined;
}

/** `item.problems === undefined` tells the two apart. */
export type ReadRecord = AcceptedRecord | RejectedRecord;

export interface ReadLimits {
  readonly maxPayloadBytes: number;
  readonly maxRecordBytes: number;
  /** Nesting of a JSON record (a flat one nests 1 deep) or of XML elements (a record's fields are 2 deep, the record 1). */
  readonly maxDepth: number;
  /** Bytes that are taken from the source at once; a batch holds the records that ended in one such block. */
  readonly blockBytes: number;
}

export const BLOCK_BYTES = 128 * 1024;

export function limitsOf(contract: Contract): ReadLimits {
  const { maxPayloadBytes, maxRecordBytes, maxDepth } = contract.submission;
  return { maxPayloadBytes, maxRecordBytes, maxDepth, blockBytes: BLOCK_BYTES };
}

/**
 * One format's reader: bytes in, records out, no I/O. Where a record straddles blocks it keeps that record alone.
 * Structural faults are thrown as Problem; whatever was read before them must then be dropped by the caller.
 */
export interface RecordReader {
  /**
   * Valid UTF-8 without its byte-order mark, split anywhere between characters; `offset` is where the block begins in
   * the payload. Returns the records that ended in it.
   */
  push(block: Buffer, offset: number): ReadRecord[];
  /** No more bytes. Throws payload-truncated when something stayed open. */
  end(): ReadRecord[];
}
