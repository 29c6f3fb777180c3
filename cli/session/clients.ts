/** The SDK clients of the command line, as one of the people whom the template knows. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import type { Connection, PersonName } from './connection.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly states: SFNClient;
  readonly sts: STSClient;
  close(): void;
}

/** Without people in the connection (AWS) the SDK's own chain finds the caller's session. */
export function connect(connection: Connection, person: PersonName): Clients {
  const people = connection.people?.[person];
  const options = {
    region: connection.region,
    ...(connection.endpoint === undefined ? {} : { endpoint: connection.endpoint }),
    ...(people === undefined ? {} : { credentials: withoutAbsent(people) }),
  };
  const s3 = new S3Client({ ...options, forcePathStyle: connection.endpoint !== undefined });
  const dynamodb = new DynamoDBClient(options);
  const kms = new KMSClient(options);
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

function withoutAbsent(credentials: NonNullable<Connection['people']>[PersonName]) {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
