/** Asks the custodian, through the state machine: nobody else opens quarantine, and every request is audited. */
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { entriesOf } from '../../shared/audit/segment.ts';
import type { CustodyRequest } from '../../shared/messages.ts';
import { CUSTODY, KEYS, STAGES } from '../../shared/names.ts';
import type { ObjectStore } from '../../shared/ports.ts';
import { isProblemCode, Problem } from '../../shared/problem.ts';
import { custodyRunIdOf } from '../../shared/run-id.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';
import { storesOf } from './stores.ts';

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
/** Two entries. */
const MAX_OUTCOME_BYTES = 64 * 1024;

/**
 * Resolves with the run of the custody act when its execution has ended. @throws Problem `internal-failure` where it failed,
 * `custody-decided` where the segment has met its end in another way: of release and discard the first holds.
 */
export async function askCustodian(
  clients: Clients,
  connection: Connection,
  action: CustodyRequest['custody']['action'],
  { run, stage, attempt, chunk }: SegmentName,
): Promise<string> {
  const segment = { run, stage, attempt, chunk };
  if (action === 'release' && segment.stage === 'ingestion') {
    const detail =
      'Records that ingestion turned away are as they came, and nothing would judge them otherwise: correct the file and submit it again.';
    throw new Problem('usage-invalid', { detail });
  }
  const { states, sts } = clients;
  const { Arn: operator } = await sts.send(new GetCallerIdentityCommand({}));
  const input = JSON.stringify({ custody: { action, ...segment, operator } });
  const { executionArn } = await states.send(
    new StartExecutionCommand({ stateMachineArn: connection.stateMachine, input }),
  );
  for (;;) {
    const { status, error } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') {
      const instance = custodyRunIdOf(segment);
      const done = await decided(storesOf(clients, connection).audit, instance);
      if (done === action) return instance;
      throw new Problem('custody-decided', {
        detail: done === undefined ? 'Another request is under way.' : `By a ${done}.`,
        instance,
      });
    }
    if (status !== 'RUNNING') {
      const code = error !== undefined && isProblemCode(error) ? error : 'internal-failure';
      throw new Problem(code, { detail: `The ${action} ended ${status}.`, instance: custodyRunIdOf(segment) });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What the custodian says that it has done. */
async function decided(audit: ObjectStore, run: string): Promise<CustodyRequest['custody']['action'] | undefined> {
  const said = await audit.get(KEYS.auditOutcome(CUSTODY, run), { maxBytes: MAX_OUTCOME_BYTES });
  for (const entry of said === undefined ? [] : entriesOf(said.bytes)) {
    if (entry.action === 'quarantine.released') return 'release';
    if (entry.action === 'quarantine.discarded') return 'discard';
  }
  return undefined;
}
