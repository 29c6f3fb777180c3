/** Which gates a command speaks of: a deployment's, as its operator, or those of a folder on this machine. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { DynamoGateStore } from '../../functions/aws/gate-store.ts';
import type { GateListing, GateStore } from '../../functions/sweep/protocol/gate.ts';
import { Problem } from '../../shared/problem.ts';
import { connect } from '../session/clients.ts';
import { readConnection } from '../session/connection.ts';
import { fileGates } from './file-gates.ts';

export interface GateOptions {
  readonly state: string;
  readonly connection?: string;
}

export interface OpenGates {
  readonly store: GateStore & GateListing;
  /** Who asks: in a deployment as AWS knows them, on this machine by the name they are logged in under. */
  readonly caller: () => Promise<string>;
}

export async function withGates<Result>(
  { state, connection: file }: GateOptions,
  act: (gates: OpenGates) => Promise<Result>,
): Promise<Result> {
  if (file === undefined && !existsSync(state)) {
    throw new Problem('not-found', { detail: `${state} is not there: nothing has been swept from this folder.` });
  }
  if (file === undefined) return act({ store: fileGates(state), caller: async () => userInfo().username });
  const connection = readConnection(file);
  const clients = connect(connection, 'operator');
  try {
    return await act({
      store: new DynamoGateStore(clients.dynamodb, connection.tables),
      caller: async () => {
        const { Arn } = await clients.sts.send(new GetCallerIdentityCommand({}));
        if (Arn === undefined) throw new Problem('access-denied', { detail: 'AWS does not say who is asking.' });
        return Arn;
      },
    });
  } finally {
    clients.close();
  }
}
