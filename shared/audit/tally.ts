/**
 * What the entries of a run add up to. The counts of a run are a function of its log: the seal computes them from the
 * entries, and a verifier computes them again and compares.
 */
import type { RunOutcome } from '../messages.ts';
import { type Actor, AUDIT_ORDER, CUSTODY, KEYS, type Stage } from '../names.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry, type EntryOf, ordinalOf } from './entry.ts';
import { OrdinalSet } from './ordinals.ts';
import { FIRST_TRANSITION, transitionHash } from './transition.ts';

const BOUNDARIES: readonly Stage[] = ['ingestion', 'reconciliation', 'processing', 'egress'];

/** Who may say what: nobody speaks of what happened at another's boundary. */
const SAID_BY: Readonly<Record<AuditAction, readonly Actor[]>> = {
  'submission.accepted': ['ingestion', 'reconciliation'],
  'submission.refused': ['ingestion', 'reconciliation'],
  'record.exported': ['egress'],
  'record.quarantined': BOUNDARIES,
  'chunk.committed': BOUNDARIES,
  'stage.ended': [...BOUNDARIES, CUSTODY],
  'run.ended': ['seal'],
  'quarantine.released': [CUSTODY],
  'quarantine.discarded': [CUSTODY],
};

export interface RunCounts {
  readonly received: number;
  readonly exported: number;
  readonly quarantined: number;
}

export class RunTally {
  readonly #run: string;
  readonly #actions = Object.fromEntries(AUDIT_ACTIONS.map((action) => [action, 0])) as Record<AuditAction, number>;
  readonly #problems = new Map<ProblemCode, number>();
  readonly #records = new OrdinalSet();
  readonly #received = new Map<string, number>();
  readonly #transitions = new Set<string>([FIRST_TRANSITION]);
  #refusedUnread = false;
  #ended: EntryOf<'run.ended'> | undefined;
  #last: AuditEntry | undefined;

  constructor(run: string) {
    this.#run = run;
  }

  /** Number of entries by action. */
  get actions(): Readonly<Record<AuditAction, number>> {
    return this.#actions;
  }

  /** Number of refused records and submissions by code. */
  get problems(): ReadonlyMap<ProblemCode, number> {
    return this.#problems;
  }

  /** The newest generation's `run.ended`, if it is the last word so far; what comes after an end is not covered by it. */
  get ended(): EntryOf<'run.ended'> | undefined {
    return this.#ended === this.#last ? this.#ended : undefined;
  }

  /**
   * Records by where they ended. A submission that ingestion refused as a whole has none, as nothing of it went on; its
   * refusal supersedes what was said of single records before.
   */
  counts(): RunCounts {
    if (this.#refusedUnread) return { received: 0, exported: 0, quarantined: 0 };
    // What the run received is what its first stage did: ingestion, or the boundary at which a release enters again.
    const [first] = [...this.#received.keys()].sort();
    return {
      received: first === undefined ? 0 : (this.#received.get(first) ?? 0),
      exported: this.#actions['record.exported'],
      quarantined: this.#actions['record.quarantined'],
    };
  }

  /**
   * Takes the entries of one segment. Throws Problem('evidence-invalid') when they contradict themselves, earlier ones or `key`:
   * a role may write under its own prefix alone, so that the key is what says whose words these are.
   */
  addSegment(key: string, entries: Iterable<AuditEntry>): void {
    let first: AuditEntry | undefined;
    let sequence = 0;
    let quarantined = 0;
    let exported = 0;
    let committed: EntryOf<'chunk.committed'> | undefined;
    for (const entry of entries) {
      first ??= entry;
      demand(entry.run === this.#run, 'An entry is of another run.');
      demand(entry.sequence === sequence++, 'The entries of a segment are not numbered through.');
      demand(entry.stage === first.stage && chunkOf(entry) === chunkOf(first), 'A segment mixes stages or chunks.');
      demand(committed === undefined, 'A segment goes on after its commit.');
      if (entry.action === 'record.quarantined') quarantined++;
      if (entry.action === 'record.exported') exported++;
      if (entry.action === 'chunk.committed') committed = entry;
      this.#add(entry);
    }
    if (first === undefined) throw new Problem('evidence-invalid', { detail: 'A segment is empty.' });
    demand(key === keyOf(first, this.#last), 'A segment does not lie where those who speak in it may write.');
    demand(chunkOf(first) === undefined || committed !== undefined, 'A chunk has no commit.');
    if (committed !== undefined) requireCommit(committed, { exported, quarantined });
  }

  #add(entry: AuditEntry): void {
    this.#last = entry;
    demand(SAID_BY[entry.action].includes(entry.stage), 'An entry is not for its stage to say.');
    this.#actions[entry.action]++;
    switch (entry.action) {
      case 'record.quarantined':
      case 'record.exported':
        demand(this.#records.add(ordinalOf(entry)), 'A record ended in two places.');
        break;
      case 'chunk.committed': {
        const order = AUDIT_ORDER[entry.stage];
        this.#received.set(order, (this.#received.get(order) ?? 0) + entry.counts.received);
        break;
      }
      case 'submission.refused':
        this.#refusedUnread ||= entry.stage === 'ingestion';
        break;
      case 'stage.ended':
        if (entry.transition !== undefined) this.#addTransition(entry.transition, entry);
        break;
      case 'run.ended':
        demand(entry.generation === (this.#ended?.generation ?? 0) + 1, 'The generations are not numbered through.');
        this.#ended = entry;
        break;
    }
    if ('problem' in entry && entry.problem !== undefined && entry.outcome === 'denied') {
      this.#problems.set(entry.problem, (this.#problems.get(entry.problem) ?? 0) + 1);
    }
  }

  #addTransition(transition: NonNullable<EntryOf<'stage.ended'>['transition']>, { stage }: AuditEntry): void {
    demand(
      transition.stage === stage &&
        transitionHash(transition) === transition.hash &&
        this.#transitions.has(transition.previous),
      'A transition does not follow from an earlier one.',
    );
    this.#transitions.add(transition.hash);
  }
}

/** Whether a run that ended so can have these counts. */
export function outcomeAgrees(outcome: RunOutcome, { received, exported, quarantined }: RunCounts): boolean {
  const settled = received === exported + quarantined;
  switch (outcome) {
    case 'exported':
      return settled && exported > 0 && quarantined === 0;
    case 'partly-exported':
      return settled && exported > 0 && quarantined > 0;
    case 'quarantined':
      return settled && exported === 0 && quarantined > 0;
    case 'refused':
      return settled && exported === 0;
    case 'discarded':
      return received === 0 && exported === 0 && quarantined === 0;
    case 'failed':
      return exported + quarantined <= received;
  }
}

/** The commit of a chunk says what the lines above it say. */
function requireCommit(
  { stage, chunk, resource, counts }: EntryOf<'chunk.committed'>,
  lines: { readonly exported: number; readonly quarantined: number },
): void {
  demand(resource === `chunk/${chunk}`, 'The commit is of another chunk.');
  demand(counts.received === counts.passed + counts.quarantined, 'The counts of a chunk do not add up.');
  demand(counts.quarantined === lines.quarantined, 'A chunk has other quarantined records than its commit says.');
  demand(
    lines.exported === (stage === 'egress' ? counts.passed : 0),
    'A chunk has other exported records than its commit says.',
  );
}

/** Where a segment must lie. Only the seal writes more than one of the stage as a whole: one for each generation. */
function keyOf(first: AuditEntry, last: AuditEntry | undefined): string {
  const chunk = chunkOf(first);
  if (chunk !== undefined) return KEYS.auditSegment(first.stage, first.run, chunk);
  return KEYS.auditOutcome(first.stage, first.run, last?.action === 'run.ended' ? last.generation : 1);
}

function chunkOf(entry: AuditEntry): number | undefined {
  return 'chunk' in entry ? entry.chunk : undefined;
}

function demand(condition: boolean, otherwise: string): void {
  if (!condition) throw new Problem('evidence-invalid', { detail: otherwise });
}
