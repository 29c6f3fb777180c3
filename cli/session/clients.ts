/** The SDK clients of the command line, as one of the people whom the template knows. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import { readForeignCredentials } from '../../local/foreign-endpoint.ts';
import type { SessionCredentials } from '../../local/functions/environment.ts';
import type { Connection, PersonName } from './connection.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly states: SFNClient;
  readonly sts: STSClient;
  close(): void;
}

/**
 * Without people in the connection (AWS) the SDK's own chain finds the caller's session. At another endpoint there are no
 * people: the credentials for it are those of the environment, or what that chain finds.
 */
export function connect(connection: Connection, person: PersonName): Clients {
  const { region, endpoint, storageEndpoint, sealEndpoint } = connection;
  const own = connection.people?.[person];
  const options = clientOptions(region, endpoint, own);
  const data =
    storageEndpoint === undefined
      ? options
      : clientOptions(region, storageEndpoint, readForeignCredentials(process.env));
  const s3 = new S3Client({ ...data, forcePathStyle: (storageEndpoint ?? endpoint) !== undefined });
  const dynamodb = new DynamoDBClient(data);
  const kms = new KMSClient(sealEndpoint === undefined ? data : clientOptions(region, sealEndpoint, own));
  const states = new SFNClient(options);
  const sts = new STSClient(options);
  return {
    s3,
    dynamodb,
    kms,
    states,
    sts,
    close: () => {
      for (const client of [s3, dynamodb, kms, states, sts]) client.destroy();
    },
  };
}

function clientOptions(
  region: string,
  endpoint: string | undefined,
  credentials: Partial<SessionCredentials> | undefined,
) {
  const { accessKeyId = '', secretAccessKey = '', sessionToken } = credentials ?? {};
  const presented = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: presented }),
  };
}
