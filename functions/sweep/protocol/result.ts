/**
 * The result of one stretch of one partition: what its rows come to, how many they were, what the rules changed, some of its keys (for the
 * heat map), and what is left of the partition. The size is that of the sketch and of a head in steps of 16 KiB: encrypted, it tells nearly
 * nothing.
 */
import * as z from 'zod/mini';
import { LOSSY_RULES } from '../../../shared/canonical/notes.ts';
import { Problem } from '../../../shared/problem.ts';
import { type Aggregate, aggregateBytes, decodeAggregate, writeAggregate } from '../../../shared/sketch/aggregate.ts';
import type { SketchPlan } from '../../../shared/sketch/plan.ts';
import type { ColumnCounts, Json } from '../engines/engine.ts';

const count = z.int().check(z.nonnegative());
const json: z.ZodMiniType<Json> = z.json();
const Changed = z.record(z.enum([...LOSSY_RULES, 'absent']), count);

const Head = z.strictObject({
  rows: count,
  durationMs: count,
  counts: z.array(z.strictObject({ column: z.string(), changed: Changed })),
  /** Base64. */
  keys: z.array(z.string()),
  /** Where the next stretch begins; absent when the partition was read to its end. */
  rest: z.exactOptional(z.strictObject({ bounds: json, estimatedRows: z.number() })),
});
type Head = z.infer<typeof Head>;

export interface StretchResult extends Omit<Head, 'keys' | 'counts'> {
  readonly counts: readonly ColumnCounts[];
  readonly keys: readonly Uint8Array[];
  readonly aggregate: Aggregate;
}

const STEP_BYTES = 16 * 1024;

/** Length of the head (u32, big-endian), the head as JSON filled up with spaces, the aggregate. */
export function encodeResult({ aggregate, keys, ...rest }: StretchResult): Uint8Array {
  const head = { ...rest, keys: keys.map((key) => Buffer.from(key).toString('base64')) };
  const text = Buffer.from(JSON.stringify(head), 'utf8');
  const length = Math.ceil((4 + text.length) / STEP_BYTES) * STEP_BYTES - 4;
  const bytes = Buffer.alloc(4 + length + aggregateBytes(aggregate.sketch.plan), ' ');
  bytes.writeUInt32BE(length);
  bytes.set(text, 4);
  writeAggregate(bytes.subarray(4 + length), aggregate);
  return bytes;
}

/** Problem('evidence-invalid') when it is none of this plan. */
export function decodeResult(bytes: Uint8Array, plan: SketchPlan): StretchResult {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = buffer.length < 4 ? 0 : buffer.readUInt32BE(0);
  const head = Head.safeParse(parseJson(buffer.toString('utf8', 4, 4 + length)));
  if (!head.success) throw new Problem('evidence-invalid', { detail: 'The result of a partition is none.' });
  const { keys, ...rest } = head.data;
  return {
    ...rest,
    keys: keys.map((key) => Buffer.from(key, 'base64')),
    aggregate: decodeAggregate(bytes.subarray(4 + length), plan),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
