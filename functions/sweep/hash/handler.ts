import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { endpointsOf } from '../../aws/sweep-clients.ts';
import { STEP_VARIABLES, stepPorts } from '../../aws/sweep-ports.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { HashRequest, parseRequest } from '../protocol/messages.ts';
import { hashPartition } from './partition.ts';

const environment = readEnvironment([...STEP_VARIABLES, 'sweepConnections']);
const clients = { s3: s3Client(), dynamodb: dynamoDBClient() };

const ports = {
  ...stepPorts(environment, clients),
  open: endpointsOf(environment.sweepConnections, clients),
  keys: new KmsKeyService(kmsClient(), environment.sweepKey),
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('sweep-hash', context, ({ deadline }) =>
    hashPartition(parseRequest(HashRequest, event), { ...ports, deadline }),
  );
