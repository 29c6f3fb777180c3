import { parseStageRequest } from '../../../shared/message-schemas.ts';
import { DynamoContractSource } from '../../aws/contract-source.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { FLOW_VARIABLES, flowPorts } from '../../aws/flow.ts';
import { DynamoIdempotencyStore } from '../../aws/idempotency-store.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { DynamoLedger } from '../../aws/ledger.ts';
import { S3ObjectStore } from '../../aws/object-store.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { reconcile } from './reconciliation.ts';

const environment = readEnvironment([
  ...FLOW_VARIABLES,
  'workingBucket',
  'stageKey',
  'quarantineBucket',
  'quarantineKey',
  'idempotencyTable',
  'ledgerTable',
  'contractsTable',
  'contractPins',
]);
const client = s3Client();
const dynamodb = dynamoDBClient();

const ports = {
  ...flowPorts(environment, { s3: client, dynamodb }),
  working: new S3ObjectStore({ client, bucket: environment.workingBucket, key: environment.stageKey }),
  quarantine: new S3ObjectStore({ client, bucket: environment.quarantineBucket, key: environment.quarantineKey }),
  quarantineKey: new KmsKeyService(kmsClient(), environment.quarantineKey),
  idempotency: new DynamoIdempotencyStore(dynamodb, environment.idempotencyTable),
  ledger: new DynamoLedger(dynamodb, environment.ledgerTable),
  contracts: new DynamoContractSource(dynamodb, environment.contractsTable),
  contractPins: environment.contractPins,
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('reconciliation', context, ({ deadline }) => reconcile(parseStageRequest(event), { ...ports, deadline }));
