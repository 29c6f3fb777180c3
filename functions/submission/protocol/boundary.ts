import type { EntryOf } from '../../../shared/audit/entry.ts';
import type { Output } from '../../../shared/audit/fields.ts';
import type { AuditEvent } from '../../../shared/audit/segment.ts';
import type { Transition } from '../../../shared/audit/transition.ts';
import type { Counts, ManifestReference, StageRequest, StageResult } from '../../../shared/messages.ts';
import type { Stage } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem, type ProblemCode } from '../../../shared/problem.ts';
import { readChunk } from './chunks.ts';
import { markDeadAttempts } from './dead-attempts.ts';
import { quarantined, refused, resultOf, settled } from './entries.ts';
import { type Attempt, beginAttempt } from './lease.ts';
import { type ChunkReference, type Manifest, readManifest } from './manifest.ts';
import { Pace } from './pace.ts';
import type { FlowPorts, QuarantinePorts } from './ports.ts';
import { quarantineRecords, type Rejection } from './quarantine.ts';
import { type ChunkCommit, StageLog } from './stage-log.ts';
import type { WorkingRecord } from './working-record.ts';

/** What a stage makes of one chunk. Each of its records is in exactly one of the two. */
export interface Sorted {
  /** Number of records that go on. */
  readonly passed: number;
  readonly rejections: readonly Rejection[];
  /** Objects that hold those that go on, durably written. */
  readonly outputs: readonly Output[];
  /** Entries of those that go on, where this is their terminal place. */
  readonly events?: readonly AuditEvent[];
  /** SHA-256 (hex) of what judged. */
  readonly rules: readonly string[];
  readonly path?: NonNullable<EntryOf<'chunk.committed'>['path']>;
}

/** A stage, once it has looked at the submission as a whole. */
export interface ChunkWorker {
  /** Set when the submission as a whole is refused: `sort` then turns every record away. */
  readonly refusal?: ProblemCode;
  /** Entries of the submission as a whole. */
  readonly events: readonly AuditEvent[];
  sort(chunk: ChunkReference, records: WorkingRecord[]): Promise<Sorted>;
  /** Writes what follows the last chunk; resolves with the manifest for the next stage, where there is one. */
  finish(commits: ReadonlyMap<number, ChunkCommit>, counts: Counts): Promise<Finish>;
}

export interface Finish {
  readonly manifest?: ManifestReference;
  readonly transition?: Transition;
}

export interface BoundaryPorts extends FlowPorts, QuarantinePorts {
  readonly working: ObjectStore;
}

/**
 * Takes the chunks of the stage before across one boundary. Each is sorted, its outputs are written under keys of this
 * attempt's own, and then its audit segment commits it; what an earlier attempt committed is taken as it is. The manifest and
 * the entry that ends the stage come last.
 */
export async function crossBoundary(
  stage: Exclude<Stage, 'ingestion' | 'seal'>,
  request: StageRequest,
  ports: BoundaryPorts,
  prepare: (manifest: Manifest, attempt: Attempt) => Promise<ChunkWorker>,
): Promise<StageResult> {
  const { run, reference } = requireHandover(request);
  const attempt = await beginAttempt(ports, { run, stage, execution: request.execution });
  if (attempt === undefined) return settled(stage, run);

  const log = await StageLog.open(ports, attempt);
  const ended = await log.end();
  if (ended !== undefined) {
    await markDeadAttempts({ quarantine: ports.quarantine }, attempt, ended, await log.allChunks());
    return resultOf(stage, run, ended);
  }

  const manifest = await readManifest(ports.working, run, reference);
  const worker = await prepare(manifest, attempt);
  const commits = await log.chunks(manifest.chunks.map(({ index }) => index));

  const pace = new Pace(ports);
  for (const [position, chunk] of manifest.chunks.entries()) {
    if (commits.has(chunk.index)) continue;
    pace.begin();
    const records = await readChunk(ports.working, chunk);
    const sorted = await worker.sort(chunk, records);
    commits.set(chunk.index, await commit(ports, log, attempt, manifest, chunk, sorted));
    const next = manifest.chunks[position + 1];
    if (next !== undefined && !pace.fitsAnother()) {
      const cursor = { nextChunk: next.index, counts: countsOf(commits) };
      return { stage, run, outcome: 'continued', counts: cursor.counts, cursor };
    }
  }
  const outcome = await end(log, attempt, worker, commits);
  await markDeadAttempts({ quarantine: ports.quarantine }, attempt, outcome, commits);
  return resultOf(stage, run, outcome);
}

async function commit(
  ports: BoundaryPorts,
  log: StageLog,
  { run, stage, attempt }: Attempt,
  { origin }: Manifest,
  chunk: ChunkReference,
  sorted: Sorted,
): Promise<ChunkCommit> {
  const context = { stage, run, attempt, chunk: chunk.index };
  const provenance = { origin, vault: chunk.vault };
  const turnedAway = await quarantineRecords(ports, context, provenance, sorted.rejections);
  const counts = { received: chunk.records, passed: sorted.passed, quarantined: sorted.rejections.length };
  if (counts.passed + counts.quarantined !== counts.received) {
    throw new Problem('internal-failure', { detail: 'A record has no place, or two.' });
  }
  return log.commitChunk(chunk.index, [
    ...(sorted.events ?? []),
    ...sorted.rejections.map(quarantined),
    {
      action: 'chunk.committed',
      outcome: 'committed',
      resource: `chunk/${chunk.index}`,
      attempt,
      counts,
      outputs: [...sorted.outputs, ...turnedAway],
      rules: [...sorted.rules],
      ...(sorted.path === undefined ? {} : { path: sorted.path }),
    },
  ]);
}

async function end(
  log: StageLog,
  { attempt }: Attempt,
  worker: ChunkWorker,
  commits: ReadonlyMap<number, ChunkCommit>,
) {
  const counts = countsOf(commits);
  const finish = await worker.finish(commits, counts);
  const outcome = worker.refusal !== undefined ? 'refused' : counts.passed > 0 ? 'passed' : 'emptied';
  return log.commitEnd([
    ...worker.events,
    {
      action: 'stage.ended',
      outcome,
      resource: 'stage',
      attempt,
      counts,
      ...(worker.refusal === undefined ? {} : { problem: worker.refusal }),
      ...finish,
    },
  ]);
}

export function countsOf(commits: ReadonlyMap<number, ChunkCommit>): Counts {
  let received = 0;
  let passed = 0;
  let quarantinedRecords = 0;
  for (const { counts } of commits.values()) {
    received += counts.received;
    passed += counts.passed;
    quarantinedRecords += counts.quarantined;
  }
  return { received, passed, quarantined: quarantinedRecords };
}

/** A worker for a submission that is refused as a whole: every record of it goes to quarantine under that code. */
export function refusing(
  manifest: Manifest,
  refusal: ProblemCode,
  rule: string,
  digestOf: (record: WorkingRecord) => string,
): ChunkWorker {
  const errors = [{ code: refusal, pointer: '', rule }];
  return {
    refusal,
    events: [refused(manifest.origin, refusal)],
    sort: async (_chunk, records) => ({
      passed: 0,
      rejections: records.map((record) => rejectionOf(record, errors, digestOf(record))),
      outputs: [],
      rules: [manifest.origin.contract.sha256],
    }),
    finish: async () => ({}),
  };
}

/** A tokenised record on its way to quarantine: the line that came, so that a release can hand the same to the same stage. */
export function rejectionOf(record: WorkingRecord, errors: Rejection['errors'], digest: string): Rejection {
  return { record: record.record, raw: JSON.stringify(record), errors, digest };
}

function requireHandover({ run, manifest }: StageRequest): { run: string; reference: ManifestReference } {
  if (run === undefined || manifest === undefined) {
    throw new Problem('configuration-invalid', { detail: 'StageRequest: run, manifest.' });
  }
  return { run, reference: manifest };
}
