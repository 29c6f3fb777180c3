/** Asks the custodian, through the state machine: nobody else opens quarantine, and every request is audited. */
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { entriesOf } from '../../shared/audit/segment.ts';
import type { CustodyRequest, QuarantineReference } from '../../shared/messages.ts';
import { CUSTODY, KEYS, STAGES } from '../../shared/names.ts';
import type { ObjectStore } from '../../shared/ports.ts';
import { isProblemCode, Problem } from '../../shared/problem.ts';
import { custodyRunIdOf } from '../../shared/run-id.ts';
import type { Clients } from './clients.ts';
import type { Connection } from './connection.ts';
import { readRun, storesOf } from './stores.ts';

/** What `quarantine list` prints, and the other commands take. */
export const quarantineId = (of: QuarantineReference): string =>
  'upload' in of ? `${of.run}/upload` : `${of.run}/${of.stage}/${of.attempt}/${of.chunk}`;

/** @throws Problem `usage-invalid`. */
export function parseQuarantineId(id: string): QuarantineReference {
  const [, whole] = /^([0-9a-f]{32})\/upload$/.exec(id) ?? [];
  if (whole !== undefined) return { run: whole, upload: 'copy' };
  const [, run = '', name = '', attempt = '', chunk = ''] =
    /^([0-9a-f]{32})\/([a-z]+)\/([0-9a-f]{16})\/(\d{1,9})$/.exec(id) ?? [];
  const stage = STAGES.find((each) => each === name);
  if (stage === undefined) {
    const detail = 'Named as "parapet quarantine list" names it: run/stage/attempt/chunk, or run/upload.';
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
 * `run-busy` where an upload is asked for whose own run is not over: its next attempt would copy it again.
 */
export async function askCustodian(
  clients: Clients,
  connection: Connection,
  action: CustodyRequest['custody']['action'],
  asked: QuarantineReference,
): Promise<string> {
  const reference = referenceOf(asked);
  if (action === 'release') requireReleasable(reference);
  if ('upload' in reference) await requireOver(clients, connection, reference.run);
  const { states, sts } = clients;
  const { Arn: operator } = await sts.send(new GetCallerIdentityCommand({}));
  const input = JSON.stringify({ custody: { action, ...reference, operator } });
  const { executionArn } = await states.send(
    new StartExecutionCommand({ stateMachineArn: connection.custodian, input }),
  );
  for (;;) {
    const { status, error } = await states.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') {
      const instance = custodyRunIdOf(reference);
      const done = await decided(storesOf(clients, connection).audit, instance);
      if (done === action) return instance;
      throw new Problem('custody-decided', {
        detail: done === undefined ? 'Another request is under way.' : `By a ${done}.`,
        instance,
      });
    }
    if (status !== 'RUNNING') {
      const code = error !== undefined && isProblemCode(error) ? error : 'internal-failure';
      throw new Problem(code, { detail: `The ${action} ended ${status}.`, instance: custodyRunIdOf(reference) });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The members that a request names a thing by, and no others. */
function referenceOf(of: QuarantineReference): QuarantineReference {
  if ('upload' in of) return { run: of.run, upload: of.upload };
  const { run, stage, attempt, chunk } = of;
  return { run, stage, attempt, chunk };
}

function requireReleasable(of: QuarantineReference): void {
  if ('upload' in of) {
    const detail = 'An upload in quarantine is not released: upload the file again, with a valid token.';
    throw new Problem('usage-invalid', { detail });
  }
  if (of.stage === 'ingestion') {
    const detail =
      'Records that ingestion turned away are as they came, and nothing would judge them otherwise: correct the file and submit it again.';
    throw new Problem('usage-invalid', { detail });
  }
}

async function requireOver(clients: Clients, connection: Connection, run: string): Promise<void> {
  const found = await readRun(clients, connection, run);
  if (found === undefined) throw new Problem('run-unknown', { instance: run });
  if (found.state === 'sealed' && found.outcome !== 'failed') return;
  const detail = `It is ${found.outcome ?? 'running'}; an upload is discarded when its run is over.`;
  throw new Problem('run-busy', { detail, instance: run });
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
