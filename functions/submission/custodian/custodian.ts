import type { AuditEvent } from '../../../shared/audit/segment.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { canonicalJson } from '../../../shared/json/canonical.ts';
import type { CustodyRequest, CustodyResult } from '../../../shared/messages.ts';
import { CUSTODY, KEYS, type Stage, type WorkingStage } from '../../../shared/names.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { QuarantineNote } from '../../../shared/quarantine-note.ts';
import { custodyRunIdOf } from '../../../shared/run-id.ts';
import type { BoundaryPorts as CustodianPorts } from '../protocol/boundary.ts';
import { settled } from '../protocol/entries.ts';
import { type Attempt, leaseFor, newAttempt } from '../protocol/lease.ts';
import { type StageEnd, StageLog } from '../protocol/stage-log.ts';
import { readNote } from './note.ts';
import { release } from './release.ts';

type Custody = CustodyRequest['custody'];

/** Whose answer a release stands for: the boundary behind it is the one that turned the records away. */
const BEFORE: Readonly<Partial<Record<Stage, WorkingStage>>> = {
  reconciliation: 'ingestion',
  processing: 'reconciliation',
  egress: 'processing',
};

/**
 * Releases or discards what one chunk left in quarantine: explicit, audited, and once, as the run that does it is named by the
 * segment. A release never passes over a rule: the records enter again before the boundary that turned them away.
 */
export async function keepCustody(
  { execution, custody }: CustodyRequest,
  ports: CustodianPorts,
): Promise<CustodyResult> {
  const before = BEFORE[custody.stage];
  if (custody.action === 'release' && before === undefined) {
    throw new Problem('usage-invalid', { detail: 'Records that ingestion turned away are mended and submitted anew.' });
  }
  const note = await readNote(ports.quarantine, custody);
  const run = custodyRunIdOf(custody);
  const stage = before ?? 'ingestion';
  const startedAt = new Date(ports.clock.now()).toISOString();
  const claimed = await ports.runs.claim(run, CUSTODY, leaseFor(execution, ports), startedAt);
  if (claimed === undefined) return settled(stage, run);

  const ordinal = claimed.attempts.custody ?? 1;
  const attempt = newAttempt(ports, { run, stage: CUSTODY, execution, ordinal });
  const log = await StageLog.open(ports, attempt);
  const ended = (await log.end()) ?? (await act(ports, { custody, attempt, note, before, log }));
  // After its entry, never before: what is gone without a trace was lost, not discarded.
  if (custody.action === 'discard' && ended.outcome === 'emptied') await erase(ports.quarantine, custody);
  const { outcome, counts, manifest } = ended;
  return { stage, run, outcome, counts, ...(manifest === undefined ? {} : { manifest }) };
}

interface Act {
  readonly custody: Custody;
  readonly attempt: Attempt<typeof CUSTODY>;
  readonly note: QuarantineNote;
  readonly before: WorkingStage | undefined;
  readonly log: StageLog;
}

async function act(ports: CustodianPorts, { custody, attempt, note, before, log }: Act): Promise<StageEnd> {
  const records = note.records.length;
  if (custody.action === 'release' && before !== undefined) {
    const counts = { received: records, passed: records, quarantined: 0 };
    const finish = await release(ports, { custody, attempt, note, before, counts });
    const end = {
      action: 'stage.ended',
      outcome: 'passed',
      resource: 'stage',
      attempt: attempt.attempt,
      counts,
    } as const;
    return log.commitEnd([deed('quarantine.released', custody, records), { ...end, ...finish }]);
  }
  const counts = { received: 0, passed: 0, quarantined: 0 };
  const end = {
    action: 'stage.ended',
    outcome: 'emptied',
    resource: 'stage',
    attempt: attempt.attempt,
    counts,
  } as const;
  return log.commitEnd([deed('quarantine.discarded', custody, records), end]);
}

function deed(
  action: 'quarantine.released' | 'quarantine.discarded',
  { stage, run, attempt, chunk, operator }: Custody,
  records: number,
): AuditEvent {
  return {
    action,
    outcome: 'allowed',
    resource: `segment/${stage}/${run}/${attempt}/${chunk}`,
    who: { subject: sha256Hex(canonicalJson(['operator', operator])) },
    records,
  };
}

/**
 * The records alone: why they were there stays. Version by version: of a put that was repeated because its answer was lost, the
 * earlier version comes to light again when the later one goes.
 */
async function erase(quarantine: ObjectStore, { stage, run, attempt, chunk }: Custody): Promise<void> {
  const key = KEYS.quarantineSegment(stage, run, attempt, chunk);
  for (let head = await quarantine.head(key); head !== undefined; head = await quarantine.head(key)) {
    await quarantine.deleteVersion(key, head.versionId);
  }
}
