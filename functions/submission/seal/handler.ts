import { parseSealRequest } from '../../../shared/message-schemas.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { FLOW_VARIABLES, flowPorts } from '../../aws/flow.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { S3ObjectStore } from '../../aws/object-store.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { KmsSigner } from '../../aws/signer.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext } from '../../runtime/invocation.ts';
import { seal } from './seal.ts';

const environment = readEnvironment([...FLOW_VARIABLES, 'landingBucket', 'sealKey', 'sealName']);
const client = s3Client();

const ports = {
  ...flowPorts(environment, { s3: client, dynamodb: dynamoDBClient() }),
  signer: new KmsSigner(kmsClient(), environment.sealKey),
  sealName: environment.sealName,
  landing: new S3ObjectStore({ client, bucket: environment.landingBucket }),
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('seal', context, ({ deadline }) => seal(parseSealRequest(event), { ...ports, deadline }));
