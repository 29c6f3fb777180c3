import { parseStageRequest } from '../../../shared/message-schemas.ts';
import { DynamoContractSource } from '../../aws/contract-source.ts';
import { DynamoDestinationSource } from '../../aws/destination-source.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { FLOW_VARIABLES, flowPorts } from '../../aws/flow.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { S3ObjectStore } from '../../aws/object-store.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { DynamoSubjectKeyStore } from '../../aws/subject-key-store.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { exportRecords } from './egress.ts';

const environment = readEnvironment([
  ...FLOW_VARIABLES,
  'workingBucket',
  'vaultBucket',
  'vaultKey',
  'subjectKeysTable',
  'destinationsTable',
  'exportsBucket',
  'exportsKey',
  'quarantineBucket',
  'quarantineKey',
  'contractsTable',
  'contractPins',
]);
const client = s3Client();
const dynamodb = dynamoDBClient();
const kms = kmsClient();

const ports = {
  ...flowPorts(environment, { s3: client, dynamodb }),
  working: new S3ObjectStore({ client, bucket: environment.workingBucket }),
  vault: new S3ObjectStore({ client, bucket: environment.vaultBucket }),
  vaultKey: new KmsKeyService(kms, environment.vaultKey),
  subjectKeys: new DynamoSubjectKeyStore(dynamodb, environment.subjectKeysTable),
  destinations: new DynamoDestinationSource(dynamodb, environment.destinationsTable),
  exports: new S3ObjectStore({ client, bucket: environment.exportsBucket, key: environment.exportsKey }),
  quarantine: new S3ObjectStore({ client, bucket: environment.quarantineBucket, key: environment.quarantineKey }),
  quarantineKey: new KmsKeyService(kms, environment.quarantineKey),
  contracts: new DynamoContractSource(dynamodb, environment.contractsTable),
  contractPins: environment.contractPins,
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('egress', context, ({ deadline }) => exportRecords(parseStageRequest(event), { ...ports, deadline }));
