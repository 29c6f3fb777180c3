/**
 * Takes up a run that failed. An execution that was aborted or timed out is redriven; one that ended in its Fail state
 * cannot be (a redrive enters the Fail state again), so its input starts an execution anew, which claims the failed run
 * and goes on behind the last committed chunk.
 */
import { DescribeExecutionCommand, RedriveExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Problem } from '../../shared/problem.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';
import { readRun } from './stores.ts';

/** Resolves with the ARN of the execution that goes on. @throws Problem `run-unknown`, or `run-busy` unless it failed. */
export async function retryRun(clients: Clients, connection: Connection, run: string): Promise<string> {
  const found = await readRun(clients, connection, run);
  if (found === undefined) throw new Problem('run-unknown', { instance: run });
  const { status, input } = await clients.states.send(new DescribeExecutionCommand({ executionArn: found.execution }));
  if (found.outcome !== 'failed') {
    throw new Problem('run-busy', {
      detail: `It is ${found.outcome ?? 'running'}; only a failed run is taken up.`,
      instance: run,
    });
  }
  if (status === 'ABORTED' || status === 'TIMED_OUT') {
    await clients.states.send(new RedriveExecutionCommand({ executionArn: found.execution }));
    return found.execution;
  }
  const started = await clients.states.send(
    new StartExecutionCommand({ stateMachineArn: connection.stateMachine, input }),
  );
  if (started.executionArn === undefined)
    throw new Problem('internal-failure', { detail: 'No execution was started.' });
  return started.executionArn;
}
