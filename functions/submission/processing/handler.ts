import { parseStageRequest } from '../../../shared/message-schemas.ts';
import { DynamoContractSource } from '../../aws/contract-source.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { FLOW_VARIABLES, flowPorts } from '../../aws/flow.ts';
import { KmsKeyService } from '../../aws/key-service.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { S3ObjectStore } from '../../aws/object-store.ts';
import { DynamoRulePackSource } from '../../aws/rule-pack-source.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { processRecords } from './processing.ts';

const environment = readEnvironment([
  ...FLOW_VARIABLES,
  'workingBucket',
  'stageKey',
  'quarantineBucket',
  'quarantineKey',
  'rulePacksTable',
  'rulePackPins',
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
  rulePacks: new DynamoRulePackSource(dynamodb, environment.rulePacksTable),
  rulePackPins: environment.rulePackPins,
  contracts: new DynamoContractSource(dynamodb, environment.contractsTable),
  contractPins: environment.contractPins,
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('processing', context, ({ deadline }) => processRecords(parseStageRequest(event), { ...ports, deadline }));
