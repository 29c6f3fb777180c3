import { parseStageRequest } from '../../../shared/message-schemas.ts';
import { DynamoContractSource } from '../../aws/contract-source.ts';
import { DynamoCredentialStore } from '../../aws/credential-store.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { FLOW_VARIABLES, flowPorts, positive } from '../../aws/flow.ts';
import { DynamoIssuerSource } from '../../aws/issuer-source.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { S3ObjectStore } from '../../aws/object-store.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { SecretsManagerSource } from '../../aws/secret-source.ts';
import { secretsClient } from '../../aws/secrets-client.ts';
import { DynamoSubjectKeyStore } from '../../aws/subject-key-store.ts';
import { systemClock } from '../../runtime/clock.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { ingest } from './ingestion.ts';

const environment = readEnvironment([
  ...FLOW_VARIABLES,
  'deployment',
  'longestTokenSeconds',
  'landingBucket',
  'workingBucket',
  'stageKey',
  'vaultBucket',
  'vaultKey',
  'quarantineBucket',
  'quarantineKey',
  'subjectKeysTable',
  'credentialsTable',
  'issuersTable',
  'contractsTable',
  'contractPins',
  'tokenSalts',
]);
const client = s3Client();
const dynamodb = dynamoDBClient();
const kms = kmsClient();

const ports = {
  ...flowPorts(environment, { s3: client, dynamodb }),
  deployment: environment.deployment,
  longestTokenSeconds: positive('longestTokenSeconds', environment.longestTokenSeconds),
  landing: new S3ObjectStore({ client, bucket: environment.landingBucket }),
  working: new S3ObjectStore({ client, bucket: environment.workingBucket, key: environment.stageKey }),
  vault: new S3ObjectStore({ client, bucket: environment.vaultBucket, key: environment.vaultKey }),
  vaultKey: new KmsKeyService(kms, environment.vaultKey),
  quarantine: new S3ObjectStore({ client, bucket: environment.quarantineBucket, key: environment.quarantineKey }),
  quarantineKey: new KmsKeyService(kms, environment.quarantineKey),
  subjectKeys: new DynamoSubjectKeyStore(dynamodb, environment.subjectKeysTable),
  credentials: new DynamoCredentialStore(dynamodb, environment.credentialsTable),
  issuers: new DynamoIssuerSource(dynamodb, environment.issuersTable),
  contracts: new DynamoContractSource(dynamodb, environment.contractsTable),
  contractPins: environment.contractPins,
  salts: new SecretsManagerSource(secretsClient(), environment.tokenSalts, systemClock),
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('ingestion', context, ({ deadline }) => ingest(parseStageRequest(event), { ...ports, deadline }));
