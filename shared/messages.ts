/**
 * What travels through the state machine: references and counts, never a record, a claim or an address (a state is
 * readable by everybody who may describe an execution). Everything else travels in the stage's manifest, an encrypted
 * object that only the next stage can read.
 */

import type { Stage } from './names.ts';
import type { ProblemCode } from './problem.ts';

/** The object version whose arrival started the run, as EventBridge names it. */
export interface UploadReference {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** Source address of the put, from the event. */
  readonly sourceAddress: string;
  /** Time of the event, RFC 3339. */
  readonly time: string;
}

/** Points at the manifest of the stage before; `sha256` (hex) binds its content to the state. */
export interface ManifestReference {
  readonly key: string;
  readonly sha256: string;
}

export interface Counts {
  /** Records that the stage was given. */
  readonly received: number;
  /** Records that it handed on (egress: exported). */
  readonly passed: number;
  readonly quarantined: number;
}

/** What every stage is invoked with. Ingestion gets `upload`, the others `run` and `manifest`. */
export interface StageRequest {
  /** ARN of the execution: the owner of the lease on the run. */
  readonly execution: string;
  readonly upload?: UploadReference;
  readonly run?: string;
  /** The run that the records came in with, where it is another: of a release, as the custodian said. Egress alone is told. */
  readonly submission?: string;
  readonly manifest?: ManifestReference;
  /** Given back by the stage's own last answer when it was `continued`. */
  readonly cursor?: StageCursor;
}

/** Where a stage goes on when it neared its deadline. */
export interface StageCursor {
  readonly nextChunk: number;
  readonly counts: Counts;
}

/**
 * - `passed`: at least one record goes on; `manifest` says where.
 * - `emptied`: every record was quarantined; nothing goes on.
 * - `refused`: the submission as a whole was refused; `problem` says why.
 * - `continued`: near the deadline; invoke again with `cursor`.
 * - `settled`: another execution has done, or is doing, this run; there is nothing to do, not even to seal.
 */
export type StageOutcome = 'passed' | 'emptied' | 'refused' | 'continued' | 'settled';

export interface StageResult {
  readonly stage: Stage;
  readonly run: string;
  readonly outcome: StageOutcome;
  readonly counts: Counts;
  readonly manifest?: ManifestReference;
  /** Of a release: the run that the records came in with. */
  readonly submission?: string;
  readonly cursor?: StageCursor;
  readonly problem?: { readonly code: ProblemCode; readonly status: number };
}

/**
 * What the seal is invoked with: by the flow (`outcome` of the last stage), after a catch, or by the execution-status
 * rule. `upload` is there whenever the run began with one, as the seal deletes the landing version of a run that is over.
 */
export interface SealRequest {
  readonly execution: string;
  /** Absent when ingestion or the custodian itself failed: then `upload` or `custody` gives the run id. */
  readonly run?: string;
  readonly upload?: UploadReference;
  /** There whenever the run began with a request to the custodian: it names the run where the custodian has not answered. */
  readonly custody?: AskedOfCustodian;
  /** How the execution came here. `failed` carries the state machine's error name (never its cause, which may quote input). */
  readonly ending: 'completed' | 'failed' | 'timed-out' | 'aborted';
  readonly error?: string;
}

export interface SealResult {
  readonly run: string;
  /** `exported` | `partly-exported` | `quarantined` | `refused` | `failed`, as `parapet status` shows it. */
  readonly outcome: RunOutcome;
  readonly counts: Counts;
  readonly seal?: { readonly key: string; readonly generation: number; readonly treeSize: number };
}

/** `discarded` ends a custody run alone; `failed` is the one outcome that a later execution may resume. */
export const RUN_OUTCOMES = ['exported', 'partly-exported', 'quarantined', 'refused', 'discarded', 'failed'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

export function isRunOutcome(text: string): text is RunOutcome {
  return RUN_OUTCOMES.some((outcome) => outcome === text);
}

/** One quarantine segment: the run whose segment it is, and where in it, as `parapet quarantine list` shows them. */
export interface SegmentReference {
  readonly run: string;
  readonly stage: Stage;
  readonly attempt: string;
  readonly chunk: number;
}

/** An upload that lies in quarantine whole: refused, or kept for the records in it that were too large to hold. */
export interface UploadCopyReference {
  readonly run: string;
  readonly upload: 'copy';
}

/** What lies in quarantine, as a request to the custodian names it. */
export type QuarantineReference = SegmentReference | UploadCopyReference;

/** What a run of the custodian's was asked for, and by whom, where the request said it in its form. */
export type AskedOfCustodian = QuarantineReference & { readonly operator?: string };

/**
 * What the custodian is invoked with: what lies in quarantine and what shall become of it. Records of a segment enter the flow again
 * at the boundary that turned them away (`release`), or are deleted (`discard`), as a run of its own; an upload's copy is only ever
 * discarded.
 */
export interface CustodyRequest {
  readonly execution: string;
  readonly custody: QuarantineReference & {
    readonly action: 'release' | 'discard';
    /** ARN of the person who asks, as the caller states it; CloudTrail holds who started the execution. */
    readonly operator: string;
  };
}

/** `outcome` is `passed` after a release (`stage` says whose answer it stands for), `emptied` after a discard. */
export type CustodyResult = StageResult;
