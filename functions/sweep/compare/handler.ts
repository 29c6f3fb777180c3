import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { STEP_VARIABLES, stepPorts } from '../../aws/sweep-ports.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { parseRequest, StepRequest } from '../protocol/messages.ts';
import { compareSweep } from './sides.ts';

const environment = readEnvironment(STEP_VARIABLES);

const ports = {
  ...stepPorts(environment, { s3: s3Client(), dynamodb: dynamoDBClient() }),
  keys: new KmsKeyService(kmsClient(), environment.sweepKey),
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('sweep-compare', context, () => compareSweep(parseRequest(StepRequest, event), ports));
