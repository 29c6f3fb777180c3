/**
 * One entry of the audit log: who did what to which thing, when, from where, and whether it was allowed (requirements B05
 * and P13). Every entry is one line of canonical JSON and one leaf of the run's tree. An entry holds digests, ordinals, codes
 * and names of our own; never a payload, a value or a person.
 */
import * as z from 'zod/mini';
import { RunId, Sha256Hex } from '../digest.ts';
import { Counts } from '../message-schemas.ts';
import { RUN_OUTCOMES } from '../messages.ts';
import { CUSTODY, STAGES } from '../names.ts';
import {
  AttemptId,
  Code,
  ContractName,
  count,
  JudgingPath,
  ObjectKey,
  Output,
  SourceAddress,
  Time,
  Who,
} from './fields.ts';
import { Transition } from './transition.ts';

/** Where an entry stands. `sequence` counts the lines of its segment from 0. */
const place = {
  schema: z.literal(1),
  run: RunId,
  stage: z.enum([...STAGES, CUSTODY]),
  sequence: count,
  time: Time,
};
const inChunk = { ...place, chunk: count };

/** The submission has passed what this stage asks of it as a whole (ingestion: its credential and digest). */
const SubmissionAccepted = z.strictObject({
  ...place,
  action: z.literal('submission.accepted'),
  outcome: z.literal('allowed'),
  resource: z.literal('submission'),
  who: Who,
  source: SourceAddress,
  /** SHA-256 of the payload. */
  payload: Sha256Hex,
  contract: ContractName,
});

/** The submission was refused as a whole. */
const SubmissionRefused = z.strictObject({
  ...place,
  action: z.literal('submission.refused'),
  outcome: z.literal('denied'),
  resource: z.literal('submission'),
  problem: Code,
  who: Who,
  source: SourceAddress,
  /** Absent where nobody has computed it. */
  payload: z.exactOptional(Sha256Hex),
  contract: z.exactOptional(ContractName),
});

/** `record/17`: the ordinal of a record in its upload, from 1. */
const recordResource = z.string().check(z.regex(/^record\/[1-9][0-9]{0,11}$/, 'record/<ordinal>'));

/** A record's terminal place: delivered. `payload` is the record's digest. */
const RecordExported = z.strictObject({
  ...inChunk,
  action: z.literal('record.exported'),
  outcome: z.literal('allowed'),
  resource: recordResource,
  payload: Sha256Hex,
});

/** A record's terminal place: quarantined. `problem` is the first of its problems. */
const RecordQuarantined = z.strictObject({
  ...inChunk,
  action: z.literal('record.quarantined'),
  outcome: z.literal('denied'),
  resource: recordResource,
  problem: Code,
  payload: Sha256Hex,
});

/** The commit of a chunk, always the last line of its segment: these outputs count, and no others. */
const ChunkCommitted = z.strictObject({
  ...inChunk,
  action: z.literal('chunk.committed'),
  outcome: z.literal('committed'),
  resource: z.string().check(z.regex(/^chunk\/(0|[1-9][0-9]{0,8})$/, 'chunk/<ordinal>')),
  attempt: AttemptId,
  counts: Counts,
  outputs: z.array(Output),
  /** SHA-256 of what judged the records: the contract, the rule packs. */
  rules: z.array(Sha256Hex),
  path: z.exactOptional(JudgingPath),
});

/** The stage's outcome, after all of its chunks. */
const StageEnded = z.strictObject({
  ...place,
  action: z.literal('stage.ended'),
  outcome: z.enum(['passed', 'emptied', 'refused']),
  resource: z.literal('stage'),
  attempt: AttemptId,
  counts: Counts,
  problem: z.exactOptional(Code),
  /** What the next stage was given. */
  manifest: z.exactOptional(z.strictObject({ key: ObjectKey, sha256: Sha256Hex })),
  transition: z.exactOptional(Transition),
});

/** The end of the run, written by the seal: the last leaf of a generation. */
const RunEnded = z.strictObject({
  ...place,
  action: z.literal('run.ended'),
  outcome: z.enum(RUN_OUTCOMES),
  resource: z.literal('run'),
  generation: z.int().check(z.positive()),
  ending: z.enum(['completed', 'failed', 'timed-out', 'aborted']),
  counts: z.strictObject({ received: count, exported: count, quarantined: count }),
  /** Of a run of the custodian's: who asked, also where the custodian itself never came to say so. */
  who: z.exactOptional(Who),
  /** Of a refusal. */
  problem: z.exactOptional(Code),
});

const custody = {
  ...place,
  outcome: z.enum(['allowed', 'denied']),
  /** `segment/<stage>/<run>/<attempt>/<chunk>` of the run that quarantined the records, or `upload/<run>` of one that lies there whole. */
  resource: z
    .string()
    .check(z.regex(/^(segment\/[a-z]+\/[0-9a-f]{32}\/[0-9a-f]{16}\/[0-9]{1,9}|upload\/[0-9a-f]{32})$/)),
  who: Who,
  /** Nobody has counted those of a whole upload: 0. */
  records: count,
  problem: z.exactOptional(Code),
};
const QuarantineReleased = z.strictObject({ ...custody, action: z.literal('quarantine.released') });
const QuarantineDiscarded = z.strictObject({ ...custody, action: z.literal('quarantine.discarded') });

/** The closed union. Adding an action is a change of interface: verifiers of older releases refuse what they do not know. */
export const AuditEntry = z.discriminatedUnion('action', [
  RecordExported,
  RecordQuarantined,
  ChunkCommitted,
  SubmissionAccepted,
  SubmissionRefused,
  StageEnded,
  RunEnded,
  QuarantineReleased,
  QuarantineDiscarded,
]);
export type AuditEntry = z.infer<typeof AuditEntry>;
export type AuditAction = AuditEntry['action'];
export type EntryOf<Action extends AuditAction> = Extract<AuditEntry, { readonly action: Action }>;

export const AUDIT_ACTIONS: readonly AuditAction[] = [
  'submission.accepted',
  'submission.refused',
  'record.exported',
  'record.quarantined',
  'chunk.committed',
  'stage.ended',
  'run.ended',
  'quarantine.released',
  'quarantine.discarded',
];

/** The name of a record in an entry. */
export function resourceOfRecord(ordinal: number): string {
  return `record/${ordinal}`;
}

/** The ordinal in `record/<ordinal>`. */
export function ordinalOf({ resource }: EntryOf<'record.exported' | 'record.quarantined'>): number {
  return Number(resource.slice('record/'.length));
}
