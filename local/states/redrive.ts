/**
 * Redrive: an execution that failed goes on at the state that failed, under the same ARN. What succeeded stays.
 * A state counts as unsuccessful when it was entered and not exited, so one that ended in a Fail state fails there again.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
import type { Store } from '../store.ts';
import { childExecutions, type Execution, findExecution, reopenExecution } from './journal/executions.ts';
import { reviveFrames, rootFrame, saveFrame } from './journal/frames.ts';
import { appendEvent } from './journal/history.ts';
import { attachedMapRuns, setMapRunStatus } from './journal/map-runs.ts';

const REDRIVABLE_MS = 14 * 24 * 3_600_000;
const MAXIMUM_REDRIVES = 1_000;

/** Why the execution cannot be redriven, in Step Functions' words; `undefined` when it can. */
export function redriveBlocker(execution: Execution, now: number): string | undefined {
  if (execution.kind === 'EXPRESS' || execution.mapRun !== undefined) {
    return 'Child executions are redriven with the execution that started them.';
  }
  if (execution.status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven';
  if (execution.status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
  if (now - (execution.stoppedAt ?? execution.startedAt) > REDRIVABLE_MS) {
    return 'Execution has exceeded the redrivable period of 14 days';
  }
  return execution.redriveCount >= MAXIMUM_REDRIVES ? 'Execution has been redriven 1000 times' : undefined;
}

/** Call it in the transaction that reopens the execution. */
export function revive(store: Store, arn: string, at: number): void {
  reviveFrames(store, arn);
  const frame = rootFrame(store, arn);
  const details = { redriveCount: findExecution(store, arn)?.redriveCount ?? 0 };
  if (frame) {
    const previous = frame.lastEvent;
    frame.lastEvent = appendEvent(store, arn, { type: 'ExecutionRedriven', previous, at, details });
    saveFrame(store, frame);
  }
  for (const run of attachedMapRuns(store, arn)) {
    setMapRunStatus(store, run.arn, 'RUNNING');
    for (const child of childExecutions(store, run.arn)) reviveChild(store, child, at);
  }
}

/** Standard children go on where they failed; express ones begin anew. */
function reviveChild(store: Store, child: Execution, at: number): void {
  if (child.status === 'SUCCEEDED' || child.status === 'PENDING') return;
  reopenExecution(store, child.arn, at, undefined);
  if (child.kind === 'STANDARD') {
    revive(store, child.arn, at);
    return;
  }
  store.prepare('DELETE FROM states_frames WHERE execution = ?').run(child.arn);
  store.prepare("UPDATE states_executions SET status = 'PENDING' WHERE arn = ?").run(child.arn);
}
