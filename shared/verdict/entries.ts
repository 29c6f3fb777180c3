/**
 * The audit log of one sweep: who computed what from which results, an entry a line of canonical JSON, and a leaf of the sweep's tree. No
 * entry holds a value, a key or the name of a file.
 */
import * as z from 'zod/mini';
import { Sha256Hex } from '../digest.ts';
import { SIDES } from '../equivalence/relation.ts';
import { canonicalJson } from '../json/canonical.ts';
import { Problem } from '../problem.ts';
import { TRIP_CAUSES } from './breaker.ts';
import { ANSWERS } from './decide.ts';
import { REASONS } from './reasons.ts';
import { SweepId } from './schema.ts';

const count = z.int().check(z.nonnegative());
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC'));
const place = { schema: z.literal(1), sweep: SweepId, sequence: count, time };
const perSide = <Schema extends z.ZodMiniType>(schema: Schema) => z.strictObject({ source: schema, target: schema });

const SweepPlanned = z.strictObject({
  ...place,
  action: z.literal('sweep.planned'),
  contract: z.strictObject({ dataset: z.string(), version: count, sha256: Sha256Hex, signer: Sha256Hex }),
  code: Sha256Hex,
  partitions: perSide(count),
  /** SHA-256 of the manifest. */
  manifest: Sha256Hex,
});

/** A person settled a trip of an earlier sweep, without which this one might not have begun. The reason is the person's own words. */
const BreakerClosed = z.strictObject({
  ...place,
  action: z.literal('breaker.closed'),
  dataset: z.string(),
  /** That tripped, on what, and when. */
  tripped: SweepId,
  cause: z.enum(TRIP_CAUSES),
  since: time,
  closedAt: time,
  by: z.string(),
  reason: z.string(),
});

/** The committed result of a stretch of a partition: `stretch` counts how often it was left and taken up again. */
const PartitionHashed = z.strictObject({
  ...place,
  action: z.literal('partition.hashed'),
  side: z.enum(SIDES),
  partition: count,
  stretch: count,
  rows: count,
  /** SHA-256 of the result. */
  result: Sha256Hex,
});

const SweepCompared = z.strictObject({
  ...place,
  action: z.literal('sweep.compared'),
  counts: perSide(count),
  fingerprints: perSide(z.string()),
  equal: z.boolean(),
});

const SweepLocated = z.strictObject({
  ...place,
  action: z.literal('sweep.located'),
  found: count,
  confirmed: count,
  cleared: count,
  tolerated: count,
  unsettled: count,
});

/** Always the last. */
const SweepEnded = z.strictObject({
  ...place,
  action: z.literal('sweep.ended'),
  outcome: z.enum(ANSWERS),
  reasons: z.array(z.custom<string>((value) => typeof value === 'string' && Object.hasOwn(REASONS, value))),
  /** SHA-256 of the verdict's exact bytes. */
  verdict: Sha256Hex,
});

export const SweepEntry = z.discriminatedUnion('action', [
  PartitionHashed,
  BreakerClosed,
  SweepPlanned,
  SweepCompared,
  SweepLocated,
  SweepEnded,
]);
export type SweepEntry = z.infer<typeof SweepEntry>;

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
/** What a step says; the log adds where and when. */
export type SweepEvent = DistributiveOmit<SweepEntry, keyof typeof place>;

/** What a step has said, out of JSON; Problem('evidence-invalid') when it is none of it. */
export function parseEvents(value: unknown): SweepEvent[] {
  const said = { schema: 1, sweep: '0'.repeat(32), sequence: 0, time: new Date(0).toISOString() };
  const parsed = z.array(z.looseObject({})).safeParse(value);
  if (!parsed.success) throw invalid('a step has stored something else');
  return parsed.data.map((event) => {
    const entry = SweepEntry.safeParse({ ...event, ...said });
    if (!entry.success) throw invalid('a step has stored something else');
    const { schema: _, sweep: __, sequence: ___, time: ____, ...rest } = entry.data;
    return rest;
  });
}

/** The lines of a log, in order. `now` in milliseconds. */
export function encodeEntries(sweep: string, now: number, events: readonly SweepEvent[]): string {
  const base = { schema: 1, sweep, time: new Date(now).toISOString() };
  return events.map((event, sequence) => `${canonicalJson({ ...base, sequence, ...event })}\n`).join('');
}

/** Problem('evidence-invalid') unless every line is exactly what `encodeEntries` makes of a valid entry, and they are numbered through. */
export function parseEntries(text: string): SweepEntry[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw invalid('it ends within a line');
  return lines.map((line, sequence) => {
    const parsed = SweepEntry.safeParse(parseJson(line));
    if (!parsed.success) throw invalid('an entry does not have the form of one');
    if (canonicalJson(parsed.data) !== line) throw invalid('an entry is not canonical');
    if (parsed.data.sequence !== sequence) throw invalid('the entries are not numbered through');
    return parsed.data;
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const invalid = (what: string): Problem =>
  new Problem('evidence-invalid', { detail: `The log of the sweep: ${what}.` });
