import type { AuditEvent } from '../../../shared/audit/segment.ts';
import type { RunCounts } from '../../../shared/audit/tally.ts';
import { outcomeAgrees } from '../../../shared/audit/tally.ts';
import type { RunOutcome, SealRequest } from '../../../shared/messages.ts';
import { Problem } from '../../../shared/problem.ts';
import { operatorOf } from '../protocol/entries.ts';
import type { Said } from './evidence.ts';

/**
 * How the run ended, as its own entries have it. Throws `evidence-invalid` when a flow that came to its end has left a record
 * without a place: such a run is sealed as failed, by the rule on the execution's status.
 */
export function outcomeOf(ending: SealRequest['ending'], counts: RunCounts, said: Said): RunOutcome {
  const outcome = ending === 'completed' ? completed(counts, said) : 'failed';
  if (!outcomeAgrees(outcome, counts)) {
    throw new Problem('evidence-invalid', { detail: 'The entries of the run do not add up to its outcome.' });
  }
  return outcome;
}

function completed({ exported, quarantined }: RunCounts, { refusal, discarded }: Said): RunOutcome {
  if (refusal !== undefined) return 'refused';
  if (discarded) return 'discarded';
  if (exported === 0) return 'quarantined';
  return quarantined === 0 ? 'exported' : 'partly-exported';
}

export function runEnded(
  request: SealRequest,
  generation: number,
  outcome: RunOutcome,
  counts: RunCounts,
  { refusal }: Said,
): AuditEvent {
  return {
    action: 'run.ended',
    outcome,
    resource: 'run',
    generation,
    ending: request.ending,
    counts: { ...counts },
    ...(request.custody?.operator === undefined ? {} : { who: operatorOf(request.custody.operator) }),
    ...(outcome === 'refused' && refusal !== undefined ? { problem: refusal } : {}),
  };
}
