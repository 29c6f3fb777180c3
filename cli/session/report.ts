/**
 * What became of a run, read as the operator: the item of the run table, the entries of its audit log, and the problem
 * documents that the committed chunks name. What no committed entry names is garbage of an attempt that died, and not shown.
 */
import type { AuditEntry, EntryOf } from '../../shared/audit/entry.ts';
import type { Output } from '../../shared/audit/fields.ts';
import { entriesOf, lastEntryOf } from '../../shared/audit/segment.ts';
import { type Actor, KEYS, type Stage } from '../../shared/names.ts';
import type { ObjectStore, Run } from '../../shared/ports.ts';
import type { ProblemCode } from '../../shared/problem.ts';
import { parseQuarantineNote } from '../../shared/quarantine-note.ts';
import { custodyRunIdOf } from '../../shared/run-id.ts';

const SEGMENT_LIMIT_BYTES = 64 * 1024 ** 2;
/** `KEYS.auditSegment` */
const CHUNK_SEGMENT = /\/\d{6}\.ndjson$/;

/** One thing wrong. `record` is null when it is wrong with the submission as a whole. */
export interface ReportedProblem {
  readonly record: number | null;
  readonly code: ProblemCode;
  readonly pointer: string;
  readonly rule: string;
  readonly stage: Actor;
}

export interface StageReport {
  readonly stage: Actor;
  readonly outcome: string;
  readonly received: number;
  readonly passed: number;
  readonly quarantined: number;
}

export interface RunReport {
  readonly run: string;
  readonly state: Run['state'];
  readonly outcome: Run['outcome'] | 'running';
  readonly startedAt: string;
  readonly records: { readonly received: number; readonly exported: number; readonly quarantined: number };
  readonly stages: readonly StageReport[];
  readonly problems: readonly ReportedProblem[];
  readonly exports: readonly { readonly destination: string; readonly key: string; readonly records: number }[];
  readonly quarantine: readonly QuarantinedSegment[];
  readonly seal: Run['seal'] | null;
}

export interface QuarantinedSegment {
  readonly run: string;
  readonly stage: Stage;
  readonly attempt: string;
  readonly chunk: number;
  readonly records: number;
  readonly key: string;
  readonly problems: string;
  readonly state: 'held' | 'released' | 'discarded';
}

export interface ReportStores {
  readonly audit: ObjectStore;
  readonly quarantine: ObjectStore;
}

/**
 * What the log of a run says of its stages and chunks, in order. Of a chunk that is the last line of its segment; the lines
 * before it are one for each record, of which there may be millions.
 */
export async function milestonesOfRun(audit: ObjectStore, run: string): Promise<AuditEntry[]> {
  const milestones: AuditEntry[] = [];
  for await (const { key } of audit.list(KEYS.auditPrefix(run))) {
    const segment = await audit.get(key, { maxBytes: SEGMENT_LIMIT_BYTES });
    if (segment === undefined) continue;
    if (CHUNK_SEGMENT.test(key)) milestones.push(lastEntryOf(segment.bytes));
    else milestones.push(...entriesOf(segment.bytes));
  }
  return milestones;
}

export async function reportOn(run: Run, stores: ReportStores): Promise<RunReport> {
  const entries = await milestonesOfRun(stores.audit, run.run);
  const quarantine = await quarantinedSegments(entries, stores.audit);
  return {
    run: run.run,
    state: run.state,
    outcome: run.outcome ?? 'running',
    startedAt: run.startedAt,
    records: run.counts ?? { received: 0, exported: 0, quarantined: 0 },
    stages: ofAction(entries, 'stage.ended').map(stageReport),
    problems: [...submissionProblems(entries), ...(await recordProblems(quarantine, stores.quarantine))],
    exports: committedOutputs(entries, 'export').map(({ destination = '', key, records }) => ({
      destination,
      key,
      records,
    })),
    quarantine,
    seal: run.seal ?? null,
  };
}

/** Segments that committed chunks name, with what the custodian did with them since. */
export async function quarantinedSegments(
  entries: readonly AuditEntry[],
  audit: ObjectStore,
): Promise<QuarantinedSegment[]> {
  const segments: QuarantinedSegment[] = [];
  for (const { stage, run, attempt, chunk, outputs } of ofAction(entries, 'chunk.committed')) {
    const segment = outputs.find(({ kind }) => kind === 'quarantine');
    const problems = outputs.find(({ kind }) => kind === 'problems');
    if (segment === undefined || problems === undefined || stage === 'custody') continue;
    const place = { run, stage, attempt, chunk };
    const state = await custodyState(audit, custodyRunIdOf(place));
    segments.push({ ...place, records: segment.records, key: segment.key, problems: problems.key, state });
  }
  return segments;
}

/** What becomes of a thing in quarantine is a run of its own, whose id follows from the thing. */
export async function custodyState(audit: ObjectStore, run: string): Promise<QuarantinedSegment['state']> {
  for (const entry of await milestonesOfRun(audit, run)) {
    if (entry.action === 'quarantine.released' && entry.outcome === 'allowed') return 'released';
    if (entry.action === 'quarantine.discarded' && entry.outcome === 'allowed') return 'discarded';
  }
  return 'held';
}

function ofAction<Action extends AuditEntry['action']>(
  entries: readonly AuditEntry[],
  action: Action,
): EntryOf<Action>[] {
  return entries.filter((entry): entry is EntryOf<Action> => entry.action === action);
}

function committedOutputs(entries: readonly AuditEntry[], kind: Output['kind']): Output[] {
  return ofAction(entries, 'chunk.committed').flatMap(({ outputs }) =>
    outputs.filter((output) => output.kind === kind),
  );
}

function stageReport({ stage, outcome, counts }: EntryOf<'stage.ended'>): StageReport {
  return { stage, outcome, ...counts };
}

function submissionProblems(entries: readonly AuditEntry[]): ReportedProblem[] {
  return ofAction(entries, 'submission.refused').map(({ problem, stage }) => ({
    record: null,
    code: problem,
    pointer: '',
    rule: '',
    stage,
  }));
}

async function recordProblems(
  segments: readonly QuarantinedSegment[],
  quarantine: ObjectStore,
): Promise<ReportedProblem[]> {
  const problems: ReportedProblem[] = [];
  for (const segment of segments) {
    const note = await quarantine.get(segment.problems, { maxBytes: SEGMENT_LIMIT_BYTES });
    // A discarded segment's problems may be gone with it; that it was discarded is in the log.
    if (note === undefined) continue;
    for (const { record, errors } of parseQuarantineNote(Buffer.from(note.bytes).toString('utf8')).records) {
      problems.push(
        ...errors.map(({ code, pointer, rule }) => ({ record, code, pointer, rule, stage: segment.stage })),
      );
    }
  }
  return problems.toSorted((left, right) => (left.record ?? 0) - (right.record ?? 0));
}
