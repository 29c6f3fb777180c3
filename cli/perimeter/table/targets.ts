/**
 * What the perimeter protects, as far as the templates do not say it themselves: the objects that stand for each prefix, the prefixes
 * under which buckets are listed, which key belongs to what. A bucket or key that stands nowhere here is reported.
 */
import { type Actor, AUDIT_ORDER, KEYS, type Stage, WORKING_PREFIX } from '../../../shared/names.ts';

export const RUN = '0123456789abcdef0123456789abcdef';
const ATTEMPT = '1';

/** In ids, for reading. */
export const shortened = (key: string): string => key.replace(RUN, 'RUN').replace(`/${ATTEMPT}/`, '/');

const ACTORS: readonly Actor[] = ['custody', 'ingestion', 'reconciliation', 'processing', 'egress', 'seal'];
const TURNING: readonly Stage[] = ['ingestion', 'reconciliation', 'processing', 'egress'];
const WORKING = ['ingestion', 'reconciliation', 'processing'] as const;
/** Where nobody has any business. */
const ELSEWHERE = 'elsewhere/file';

/** One object for each kind that passes between the steps of a sweep (functions/sweep/protocol/ports.ts). */
export const SWEEP_OBJECTS = {
  attempts: `attempts/${RUN}/0`,
  comparison: `comparison/${RUN}`,
  failures: `failures/${RUN}/plan`,
  items: `items/${RUN}`,
  located: `located/${RUN}`,
  manifest: `manifest/${RUN}`,
  report: `report/${RUN}`,
  results: `results/${RUN}/source/0/0`,
  ticket: `ticket/${RUN}`,
  trip: `trip/${RUN}`,
} as const;
/** Secrets of the databases that are swept. */
export const SWEEP_SECRETS = 'sweep-connection-*';
/** Of those whose users take turns. */
export const ROTATED_SECRETS = 'rotated sweep-connection-*';

/** One object for each prefix that a policy or a stage tells apart, under the very keys that the stages make (shared/names.ts). */
export const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  landing: ['2026/upload.csv'],
  working: [...WORKING.map((stage) => KEYS.chunk(stage, RUN, ATTEMPT, 0)), ELSEWHERE],
  vault: [KEYS.vaultSegment(RUN, ATTEMPT, 0), ELSEWHERE],
  quarantine: [
    KEYS.quarantinedUpload(RUN),
    KEYS.uploadProblem(RUN),
    ...TURNING.map((stage) => KEYS.quarantineSegment(stage, RUN, ATTEMPT, 0)),
    ...TURNING.map((stage) => KEYS.problems(stage, RUN, ATTEMPT, 0)),
    ELSEWHERE,
  ],
  exports: [KEYS.exportPart('acme', RUN, 0, 'csv')],
  audit: [
    ...ACTORS.map((actor) => KEYS.auditSegment(actor, RUN, 0)),
    KEYS.sealDocument(RUN, 1),
    KEYS.checkpoint(RUN, 1),
    KEYS.sweepEvidence('dataset', RUN, 'verdict.json'),
    ELSEWHERE,
  ],
  sweep: [...Object.values(SWEEP_OBJECTS), ELSEWHERE],
  trail: [
    'AWSLogs/ACCOUNT/CloudTrail/us-east-1/log.json.gz',
    'AWSLogs/ACCOUNT/CloudTrail-Digest/us-east-1/digest.json.gz',
    'AWSLogs/999999999999/CloudTrail/us-east-1/log.json.gz',
    ELSEWHERE,
  ],
  findings: ['results/answer.csv', ELSEWHERE],
};

/** Prefixes to list under, besides none. */
export const LISTINGS: Readonly<Record<string, readonly string[]>> = {
  // The prefixes of the audit log, in a bucket that has none of them: a listing is allowed by prefix and by bucket.
  landing: [
    KEYS.auditPrefix(RUN),
    ...ACTORS.map((actor) => KEYS.auditStagePrefix(actor, RUN)),
    'segments/',
    ...TURNING.flatMap((stage) => [`records/${stage}/`, `problems/${stage}/`]),
  ],
  working: [`${WORKING_PREFIX.ingestion}/`],
  vault: ['segments/'],
  quarantine: ['records/', 'problems/', ...TURNING.flatMap((stage) => [`records/${stage}/`, `problems/${stage}/`])],
  exports: ['acme/'],
  audit: [
    KEYS.auditPrefix(RUN),
    ...ACTORS.map((actor) => KEYS.auditStagePrefix(actor, RUN)),
    KEYS.sealPrefix(RUN),
    'elsewhere/',
  ],
  trail: ['AWSLogs/'],
  findings: ['results/'],
  sweep: ['results/'],
};

/** Streams that a policy names within a log group, besides any other. */
export const STREAMS: Readonly<Record<string, string>> = { trail: 'ACCOUNT_CloudTrail_REGION_3' };

/** Entries of an actor in the audit log, as a target's id. */
export const entriesOf = (actor: Actor): string => `audit/entries/RUN/${AUDIT_ORDER[actor]}/*`;

export interface KeyFacts {
  /** Whose objects it encrypts. */
  readonly buckets?: readonly string[];
  /** Purpose of the envelopes that are made under it directly (shared/envelope/context.ts). */
  readonly purpose?: 'vault' | 'quarantine' | 'sweep';
  /** For a key that signs. */
  readonly algorithm?: string;
}

export const KEY_FACTS: Readonly<Record<string, KeyFacts>> = {
  landing: { buckets: ['landing'] },
  ingestion: { buckets: ['working'] },
  reconciliation: { buckets: ['working'] },
  processing: { buckets: ['working'] },
  custody: { buckets: ['working'] },
  vault: { buckets: ['vault'], purpose: 'vault' },
  quarantine: { buckets: ['quarantine'], purpose: 'quarantine' },
  exports: { buckets: ['exports'] },
  audit: { buckets: ['audit'] },
  trail: { buckets: ['trail', 'findings'] },
  sweep: { buckets: ['sweep'], purpose: 'sweep' },
  tables: {},
  secrets: {},
  operations: {},
  'seal-signing': { algorithm: 'ED25519_SHA_512' },
  'contract-signing': { algorithm: 'ECDSA_SHA_256' },
};

/** Which key a put names where the bucket has none of its own name. */
export const BUCKET_KEY: Readonly<Record<string, string>> = { working: 'ingestion', findings: 'trail' };
/** Which key a put names by the object's prefix. */
export const PREFIX_KEY: Readonly<Record<string, string>> = Object.fromEntries(
  WORKING.map((stage) => [`working/${WORKING_PREFIX[stage]}/`, stage]),
);
/** What else a put may name there. */
export const RELEASING_KEY = 'custody';
/** Buckets whose objects must say under which key they are written: the default is no prefix's. */
export const NAMES_ITS_KEY = ['working'];
/** Buckets where an object is written once. */
export const WRITTEN_ONCE = ['audit', 'sweep'];
