/** Asks the custodian, through the state machine: nobody else opens quarantine, and every request is audited. */
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { CustodyRequest } from '../../shared/messages.ts';
import { STAGES } from '../../shared/names.ts';
import { isProblemCode, Problem } from '../../shared/problem.ts';
import { custodyRunIdOf } from '../../shared/run-id.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';

export type SegmentName = Pick<CustodyRequest['custody'], 'run' | 'stage' | 'attempt' | 'chunk'>;

export const segmentId = ({ run, stage, attempt, chunk }: SegmentName): string => `${run}/${stage}/${attempt}/${chunk}`;

/** Reads what `quarantine list` prints. @throws Problem `usage-invalid`. */
export function parseSegmentId(id: string): SegmentName {
  const [, run = '', name = '', attempt = '', chunk = ''] =
    /^([0-9a-f]{32})\/([a-z]+)\/([0-9a-f]{16})\/(\d{1,9})$/.exec(id) ?? [];
  const stage = STAGES.find((each) => each === name);
  if (stage === undefined) {
    const detail = 'A segment is named as "parapet quarantine list" names it: run/stage/attempt/chunk.';
    throw new Problem('usage-invalid', { detail });
  }
  return { run, stage, attempt, chunk: Number(chunk) };
}

const POLL_MS = 200;

/** Resolves with the run of the custody act when its execution has ended. @throws Problem `internal-failure` where it failed. */
export async function askCustodian(
  { states, sts }: Clients,
  { stateMachine }: Connection,
  action: CustodyRequest['custody']['action'],
  { run, stage, attempt, chunk }: SegmentName,
): Promise<string> {
  const segment = { run, stage, attempt, chunk };
  if (action === 'release' && segment.stage === 'ingestion') {
    const detail =
      'Records that ingestion turned away are as they came, and nothing would judge them otherwise: correct the file and submit it again.';
    throw new Problem('usage-invalid', { detail });
  }
  const { Arn: operator } = await sts.send(new GetCallerIdentityCommand({}));
  const input = JSON.stringify({ custody: { action, ...segment, operator } });
  const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn: stateMachine, input }));
  for (;;) {
    const { status, error } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return custodyRunIdOf(segment);
    if (status !== 'RUNNING') {
      const code = error !== undefined && isProblemCode(error) ? error : 'internal-failure';
      throw new Problem(code, { detail: `The ${action} ended ${status}.`, instance: custodyRunIdOf(segment) });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
