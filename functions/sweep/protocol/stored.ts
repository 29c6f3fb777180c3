/** What the steps put into the store for each other, besides manifest and results: JSON, parsed by whoever reads it. */
import * as z from 'zod/mini';
import { LOSSY_RULES } from '../../../shared/canonical/notes.ts';
import { Problem } from '../../../shared/problem.ts';
import { Trip } from '../../../shared/verdict/breaker.ts';
import { Drift } from '../../../shared/verdict/drift.ts';
import { parseEvents } from '../../../shared/verdict/entries.ts';
import { Reason } from '../../../shared/verdict/reasons.ts';
import { Bucket, Divergence, KEY_PROOFS, SideCoverage, Verdict } from '../../../shared/verdict/schema.ts';
import type { Comparison } from './comparison.ts';
import type { Located } from './located.ts';
import type { SweepStore } from './ports.ts';

const count = z.int().check(z.nonnegative());
const perSide = <Schema extends z.ZodMiniType>(schema: Schema) => z.strictObject({ source: schema, target: schema });

const bytes = (value: Uint8Array): string => Buffer.from(value).toString('base64');
const unbytes = (text: string): Uint8Array => Buffer.from(text, 'base64');

const StoredItem = z.strictObject({
  kind: z.enum(['key', 'id', 'none']),
  bytes: z.string(),
  /** In hex: it has more bits than a JSON number. */
  prf: z.string().check(z.regex(/^[0-9a-f]{1,32}$/)),
  multiplicity: z.int(),
});

const Counted = z.array(
  z.strictObject({ column: z.string(), changed: z.record(z.enum([...LOSSY_RULES, 'absent']), count) }),
);

const StoredComparison = z.strictObject({
  coverage: perSide(SideCoverage),
  changed: perSide(Counted),
  keySample: z.array(z.string()),
  events: z.unknown(),
  outcome: z.nullable(
    z.strictObject({
      counts: perSide(count),
      equal: z.boolean(),
      complete: z.boolean(),
      fingerprints: perSide(z.string()),
      items: z.array(StoredItem),
      drift: Drift,
      trip: z.nullable(Trip),
    }),
  ),
});

const StoredLocated = z.strictObject({
  suspects: Verdict.shape.suspects,
  unstable: count,
  failures: z.array(Reason),
  divergences: z.array(Divergence),
  tolerated: Verdict.shape.tolerated,
  buckets: z.array(Bucket),
  unique: perSide(z.enum(KEY_PROOFS)),
  scans: perSide(count),
});

export function encodeComparison({ outcome, keySample, ...rest }: Comparison): Uint8Array {
  return encoded({
    ...rest,
    keySample: keySample.map(bytes),
    outcome:
      outcome === undefined
        ? null
        : {
            ...outcome,
            trip: outcome.trip ?? null,
            items: outcome.items.map(({ key, prf, multiplicity }) => ({
              kind: key.kind,
              bytes: key.kind === 'key' ? bytes(key.bytes) : key.kind === 'id' ? bytes(key.id) : '',
              prf: prf.toString(16),
              multiplicity,
            })),
          },
  });
}

export function decodeComparison(stored: Uint8Array): Comparison {
  const { outcome, keySample, events, ...rest } = decoded(StoredComparison, stored);
  return {
    ...rest,
    events: parseEvents(events),
    keySample: keySample.map(unbytes),
    outcome:
      outcome === null
        ? undefined
        : {
            ...outcome,
            trip: outcome.trip ?? undefined,
            items: outcome.items.map(({ kind, bytes: text, prf, multiplicity }) => ({
              key:
                kind === 'key'
                  ? { kind, bytes: unbytes(text) }
                  : kind === 'id'
                    ? { kind, id: unbytes(text) }
                    : { kind },
              prf: BigInt(`0x${prf}`),
              multiplicity,
            })),
          },
  };
}

export const encodeLocated = (located: Located): Uint8Array => encoded(located);
export const decodeLocated = (stored: Uint8Array): Located => decoded(StoredLocated, stored);

export const encodeReasons = (reasons: readonly Reason[]): Uint8Array => encoded(reasons);
export const decodeReasons = (stored: Uint8Array): Reason[] => decoded(z.array(Reason), stored);

export const encodeTrip = (trip: Trip): Uint8Array => encoded(trip);
export const decodeTrip = (stored: Uint8Array): Trip => decoded(Trip, stored);

/** What is stored under a key, or undefined. */
export async function readStored<Value>(
  store: SweepStore,
  key: string,
  decode: (stored: Uint8Array) => Value,
): Promise<Value | undefined> {
  const stored = await store.read(key);
  return stored === undefined ? undefined : decode(stored);
}

export function encoded(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

/** Problem('evidence-invalid') when it does not have the form of what it should be. */
export function decoded<Schema extends z.ZodMiniType>(schema: Schema, stored: Uint8Array): z.infer<Schema> {
  return decodedValue(schema, parseJson(Buffer.from(stored).toString('utf8')));
}

export function decodedValue<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new Problem('evidence-invalid', { detail: 'What a step has stored does not have the form of it.' });
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
