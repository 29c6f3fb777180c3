import * as z from 'zod/mini';
import type { ContractRecord } from '../../../shared/contract/schema.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { canonicalJson } from '../../../shared/json/canonical.ts';
import { Problem } from '../../../shared/problem.ts';

/** A record between two boundaries: one line of a chunk. Personal fields hold tokens. */
export interface WorkingRecord {
  /** Counts from 1, in the order of the upload. */
  readonly record: number;
  /** As ingestion accepted it, in contract order. */
  readonly fields: ContractRecord;
  /** What the rule pack added; the contract declares each. */
  readonly derived?: ContractRecord;
}

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Line = z.strictObject({
  record: z.int().check(z.positive()),
  fields: z.record(z.string(), value),
  derived: z.optional(z.record(z.string(), value)),
});

/** NDJSON, one line per record. The same records give the same bytes. */
export function encodeRecords(records: Iterable<WorkingRecord>): Buffer {
  const lines: string[] = [];
  for (const { record, fields, derived } of records) {
    lines.push(JSON.stringify(derived === undefined ? { record, fields } : { record, fields, derived }), '\n');
  }
  return Buffer.from(lines.join(''), 'utf8');
}

/** Throws `internal-failure` when a line is not one: the digest of a chunk was checked before, so that this is a fault of ours. */
export function decodeRecords(bytes: Uint8Array): WorkingRecord[] {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(decodeRecord);
}

export function decodeRecord(line: string): WorkingRecord {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) throw new Problem('internal-failure', { detail: 'A chunk holds a line that is no record.' });
  const { record, fields, derived } = parsed.data;
  return derived === undefined ? { record, fields } : { record, fields, derived };
}

/**
 * Names a record in the audit log, alike at every boundary: SHA-256 (hex) of the canonical JSON of what ingestion accepted. The
 * tokens in it are keyed, so that nobody can find a record by guessing.
 */
export function recordDigest(fields: ContractRecord): string {
  return sha256Hex(canonicalJson(fields));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
