/**
 * Takes up a run that failed: its own execution is redriven, with the input that it began with, and goes on behind the last committed
 * chunk. Nobody starts an execution for it: what an upload's execution is told is EventBridge's to say.
 */
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { Problem } from '../../shared/problem.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';
import { readRun } from './stores.ts';

/**
 * Resolves with the ARN of the execution that goes on. @throws Problem `run-unknown`, `run-busy` unless it failed, `usage-invalid`
 * where it is a run of the custodian's.
 */
export async function retryRun(clients: Clients, connection: Connection, run: string): Promise<string> {
  const found = await readRun(clients, connection, run);
  if (found === undefined) throw new Problem('run-unknown', { instance: run });
  if (found.outcome !== 'failed') {
    throw new Problem('run-busy', {
      detail: `It is ${found.outcome ?? 'running'}; only a failed run is taken up.`,
      instance: run,
    });
  }
  const { execution } = found;
  if (execution.startsWith(`${connection.custodian.replace(':stateMachine:', ':execution:')}:`)) {
    const detail = 'A release or discard that failed is asked for again: parapet quarantine release or discard.';
    throw new Problem('usage-invalid', { detail, instance: run });
  }
  await clients.states.send(new RedriveExecutionCommand({ executionArn: execution }));
  return execution;
}
