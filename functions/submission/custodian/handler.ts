import { parseCustodyRequest } from '../../../shared/message-schemas.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { FLOW_VARIABLES, flowPorts } from '../../aws/flow.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { S3ObjectStore } from '../../aws/object-store.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { keepCustody } from './custodian.ts';

const environment = readEnvironment([
  ...FLOW_VARIABLES,
  'workingBucket',
  'stageKey',
  'quarantineBucket',
  'quarantineKey',
]);
const client = s3Client();

const ports = {
  ...flowPorts(environment, { s3: client, dynamodb: dynamoDBClient() }),
  working: new S3ObjectStore({ client, bucket: environment.workingBucket, key: environment.stageKey }),
  quarantine: new S3ObjectStore({ client, bucket: environment.quarantineBucket, key: environment.quarantineKey }),
  quarantineKey: new KmsKeyService(kmsClient(), environment.quarantineKey),
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('custody', context, ({ deadline }) => keepCustody(parseCustodyRequest(event), { ...ports, deadline }));
