import type { AuditEvent } from '../../../shared/audit/segment.ts';
import type { CustodyRequest, CustodyResult, SegmentReference } from '../../../shared/messages.ts';
import { CUSTODY, KEYS, type Stage, type WorkingStage } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { QuarantineNote } from '../../../shared/quarantine-note.ts';
import { custodyRunIdOf } from '../../../shared/run-id.ts';
import type { BoundaryPorts as CustodianPorts } from '../protocol/boundary.ts';
import { operatorOf, settled } from '../protocol/entries.ts';
import { type Attempt, leaseFor, newAttempt } from '../protocol/lease.ts';
import { type StageEnd, StageLog } from '../protocol/stage-log.ts';
import { readNote } from './note.ts';
import { release } from './release.ts';
import { submissionOf } from './submission-of.ts';

type Custody = CustodyRequest['custody'];

/** Whose answer a release stands for: the boundary behind it is the one that turned the records away. */
const BEFORE: Readonly<Partial<Record<Stage, WorkingStage>>> = {
  reconciliation: 'ingestion',
  processing: 'reconciliation',
  egress: 'processing',
};

/** What is asked for, once it is known that it can be done. */
interface Asked {
  readonly custody: Custody;
  /** Whose answer this one stands for. */
  readonly stage: WorkingStage;
  readonly records: number;
  /** The object to be destroyed by a discard. */
  readonly key: string;
  /** Of a release. */
  readonly release?: { readonly segment: SegmentReference; readonly note: QuarantineNote };
}

/**
 * Releases or discards what lies in quarantine: explicit, audited, and once, as the run that does it is named by what it is asked for.
 * A release never passes over a rule: the records enter again before the boundary that turned them away.
 */
export async function keepCustody(
  { execution, custody }: CustodyRequest,
  ports: CustodianPorts,
): Promise<CustodyResult> {
  const run = custodyRunIdOf(custody);
  const asked = 'upload' in custody ? askedOfUpload(custody) : await askedOfSegment(ports.quarantine, custody);
  const { stage } = asked;
  const startedAt = new Date(ports.clock.now()).toISOString();
  const claimed = await ports.runs.claim(run, CUSTODY, leaseFor(execution, ports), startedAt);
  if (claimed === undefined) return settled(stage, run);

  const ordinal = claimed.attempts.custody ?? 1;
  const attempt = newAttempt(ports, { run, stage: CUSTODY, execution, ordinal });
  const log = await StageLog.open(ports, attempt);
  const submission = asked.release && (await submissionOf(ports.audit, custody.run));
  const ended = (await log.end()) ?? (await act(ports, asked, attempt, log, submission));
  // After its entry, never before: what is gone without a trace was lost, not discarded.
  if (custody.action === 'discard' && ended.outcome === 'emptied') await erase(ports.quarantine, asked.key);
  const { outcome, counts, manifest } = ended;
  return {
    stage,
    run,
    outcome,
    counts,
    ...(manifest === undefined ? {} : { manifest }),
    ...(submission === undefined ? {} : { submission }),
  };
}

async function askedOfSegment(quarantine: ObjectStore, custody: Extract<Custody, SegmentReference>): Promise<Asked> {
  const { action, run, stage, attempt, chunk } = custody;
  const before = BEFORE[stage];
  if (action === 'release' && before === undefined) {
    throw new Problem('usage-invalid', { detail: 'Records that ingestion turned away are mended and submitted anew.' });
  }
  const note = await readNote(quarantine, custody);
  return {
    custody,
    stage: before ?? 'ingestion',
    records: note.records.length,
    key: KEYS.quarantineSegment(stage, run, attempt, chunk),
    ...(action === 'release' ? { release: { segment: custody, note } } : {}),
  };
}

/** Nobody has judged such an upload, and its credential did not vouch for it or did not for long: there is no boundary to enter at. */
function askedOfUpload(custody: Exclude<Custody, SegmentReference>): Asked {
  if (custody.action === 'release') {
    throw new Problem('usage-invalid', {
      detail: 'An upload in quarantine is not released: upload the file again, with a valid token.',
    });
  }
  return { custody, stage: 'ingestion', records: 0, key: KEYS.quarantinedUpload(custody.run) };
}

async function act(
  ports: CustodianPorts,
  { custody, stage: before, records, key, release: released }: Asked,
  attempt: Attempt<typeof CUSTODY>,
  log: StageLog,
  submission: string | undefined,
): Promise<StageEnd> {
  const end = { action: 'stage.ended', resource: 'stage', attempt: attempt.attempt } as const;
  if (released !== undefined && submission !== undefined) {
    const counts = { received: records, passed: records, quarantined: 0 };
    const finish = await release(ports, { ...released, submission, attempt, before, counts });
    return log.commitEnd([
      deed('quarantine.released', custody, records),
      { ...end, outcome: 'passed', counts, ...finish },
    ]);
  }
  // A segment has its note beside it, which stays; of an upload nothing else says that it was there.
  if ('upload' in custody && (await ports.quarantine.versionsOf(key)).length === 0) {
    throw new Problem('not-found', { detail: 'No such upload is in quarantine.' });
  }
  const counts = { received: 0, passed: 0, quarantined: 0 };
  return log.commitEnd([deed('quarantine.discarded', custody, records), { ...end, outcome: 'emptied', counts }]);
}

function deed(action: 'quarantine.released' | 'quarantine.discarded', custody: Custody, records: number): AuditEvent {
  return {
    action,
    outcome: 'allowed',
    resource:
      'upload' in custody
        ? `upload/${custody.run}`
        : `segment/${custody.stage}/${custody.run}/${custody.attempt}/${custody.chunk}`,
    who: operatorOf(custody.operator),
    records,
  };
}

/** Every version: a put or copy that was repeated because its answer was lost has left an earlier one. Why it was there stays. */
async function erase(quarantine: ObjectStore, key: string): Promise<void> {
  for (const version of await quarantine.versionsOf(key)) await quarantine.deleteVersion(key, version);
}
