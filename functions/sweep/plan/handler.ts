import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { DynamoGateStore } from '../../aws/gate-store.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { endpointsOf } from '../../aws/sweep-clients.ts';
import { STEP_VARIABLES, stepPorts } from '../../aws/sweep-ports.ts';
import { systemRandom } from '../../runtime/clock.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { parseRequest, StepRequest } from '../protocol/messages.ts';
import { sweepGate } from '../protocol/sweep-gate.ts';
import { startSweep } from './start.ts';

const environment = readEnvironment([...STEP_VARIABLES, 'gatesTable', 'closingsTable', 'sweeps', 'sweepConnections']);
const clients = { s3: s3Client(), dynamodb: dynamoDBClient() };

const ports = {
  ...stepPorts(environment, clients),
  open: endpointsOf(environment.sweepConnections, clients),
  keys: new KmsKeyService(kmsClient(), environment.sweepKey),
  gate: sweepGate(
    new DynamoGateStore(clients.dynamodb, { gates: environment.gatesTable, closings: environment.closingsTable }),
  ),
  random: systemRandom,
  sweeps: environment.sweeps,
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('sweep-plan', context, () => startSweep(parseRequest(StepRequest, event), ports));
