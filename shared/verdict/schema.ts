/**
 * The verdict: what one sweep found, as evidence. It holds names, counts, digests and positions, and of the data nothing but keys whose
 * columns the contract classes public. Recomputing it takes the sweep's own results and keys; verifying it, verify.ts.
 */
import * as z from 'zod/mini';
import { LOSSY_RULES } from '../canonical/notes.ts';
import { Sha256Hex } from '../digest.ts';
import { SIDES } from '../equivalence/relation.ts';
import { Trip } from './breaker.ts';
import { ANSWERS } from './decide.ts';
import { Drift } from './drift.ts';
import { Reason } from './reasons.ts';
import { ShownKeyPart } from './shown-key.ts';

const count = z.int().check(z.nonnegative());
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC'));
const side = z.enum(SIDES);
const perSide = <Schema extends z.ZodMiniType>(schema: Schema) => z.strictObject({ source: schema, target: schema });

export const SweepId = z.string().check(z.regex(/^[0-9a-f]{32}$/, 'a sweep id, 32 lower-case hex digits'));

export const DIVERGENCE_KINDS = ['missing', 'extra', 'changed'] as const;
export type DivergenceKind = (typeof DIVERGENCE_KINDS)[number];

export const Divergence = z.strictObject({
  kind: z.enum(DIVERGENCE_KINDS),
  /** How many such rows: more than one only where rows repeat. */
  times: z.int().check(z.positive()),
  /** Empty where the contract names no key. */
  key: z.array(ShownKeyPart),
  /** In the place of a key that is not known: a keyed id of the key, or of the row, in hex. */
  id: z.optional(z.string()),
  /** How many rows have this key on each side, where they were read again. */
  rows: z.optional(perSide(count)),
  /** Columns that differ, where one row was held against one. */
  columns: z.optional(z.array(z.string())),
  /** Ordinal in `buckets`. */
  bucket: z.optional(count),
});
export type Divergence = z.infer<typeof Divergence>;

export const NOT_COMPARED = ['omitted', 'not-in-contract'] as const;

/** A column that was not compared: masked so that it cannot be (`omitted`), or found at a side and unknown to the contract. */
export const NotCompared = z.strictObject({
  column: z.string(),
  side: z.optional(side),
  why: z.enum(NOT_COMPARED),
});
export type NotCompared = z.infer<typeof NotCompared>;

export const SideCoverage = z.strictObject({
  /** Zero partitions: nobody got so far as to plan them. */
  partitions: count,
  covered: count,
  rows: count,
  /** Ordinals of partitions without a result. */
  unread: z.array(count),
});
export type SideCoverage = z.infer<typeof SideCoverage>;

/** How one rule of the contract changed values of one column that is not masked. */
export const LossyCount = z.strictObject({
  side,
  column: z.string(),
  rule: z.enum([...LOSSY_RULES, 'absent']),
  values: z.int().check(z.positive()),
});
export type LossyCount = z.infer<typeof LossyCount>;

export const KEY_PROOFS = ['declared', 'observed', 'violated', 'unknown'] as const;
/**
 * Whether the key names one row: `declared` by the engine, `observed` for every key that was read again, `violated` by one of them. What is
 * compared is the multiset of rows, so that nothing is missed where it does not.
 */
export type KeyProof = (typeof KEY_PROOFS)[number];

export const Bucket = z.strictObject({ missing: count, extra: count, changed: count });
export type Bucket = z.infer<typeof Bucket>;

export const Verdict = z.strictObject({
  format: z.literal('parapet-verdict'),
  version: z.literal(1),
  sweep: SweepId,
  verdict: z.enum(ANSWERS),
  /** Of INCONCLUSIVE at least one; of DIVERGED, what kept the listing from being whole. */
  reasons: z.array(Reason),
  contract: z.strictObject({
    dataset: z.string(),
    version: count,
    /** Of the document's exact bytes. */
    sha256: Sha256Hex,
    /** Id of the key that signed it. */
    signer: Sha256Hex,
    /** True when that is the repository's own key, which proves nothing and is refused by every deployment. */
    development: z.boolean(),
  }),
  /** Digest of the code that computed this. */
  code: Sha256Hex,
  consistency: z.enum(['frozen', 'settled']),
  snapshots: z.partial(perSide(z.strictObject({ consistency: z.enum(['frozen', 'settled']), position: z.string() }))),
  startedAt: time,
  endedAt: time,
  durationMs: count,
  /** Until when this verdict keeps a gate open: counted from when it began to read. Absent unless EQUAL. */
  freshUntil: z.optional(time),
  coverage: z.strictObject({
    ...perSide(SideCoverage).shape,
    columns: z.strictObject({
      compared: z.array(z.string()),
      /** Of these, compared by their keyed tokens. */
      masked: z.array(z.string()),
      notCompared: z.array(NotCompared),
    }),
    /** Columns on which rows were filtered before anything was compared. */
    filters: z.array(z.string()),
  }),
  counts: perSide(count),
  /** The sums of the rows' PRFs under this sweep's key, in hex: no two sweeps have the same. Absent while a partition is missing. */
  fingerprints: z.optional(perSide(z.string())),
  lossy: z.array(LossyCount),
  /** Rows that differ within the tolerance of a column, by column. */
  tolerated: z.array(z.strictObject({ column: z.string(), rows: z.int().check(z.positive()) })),
  drift: z.nullable(Drift),
  key: z.strictObject({ columns: z.array(z.string()), unique: perSide(z.enum(KEY_PROOFS)) }),
  /** `partial`: more rows differ than are listed. */
  listing: z.enum(['complete', 'partial', 'none']),
  divergences: z.strictObject({
    missing: count,
    extra: count,
    changed: count,
    list: z.array(Divergence),
  }),
  suspects: z.strictObject({ found: count, confirmed: count, cleared: count, tolerated: count, unsettled: count }),
  /** Drift by ranges of keys with about equally many rows of the source. */
  buckets: z.array(Bucket),
  /** Complete reads of each side, the first included. */
  scans: perSide(count),
  breaker: z.nullable(Trip),
});
export type Verdict = z.infer<typeof Verdict>;
