/** The SDK clients that make and watch what lies at another endpoint, with the credentials for it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ForeignEndpoint, SessionCredentials } from '../../local/functions/environment.ts';

export interface ForeignClients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly kms: KMSClient;
  readonly secrets: SecretsManagerClient;
  close(): void;
}

export function foreignClients(endpoint: ForeignEndpoint, region: string): ForeignClients {
  const options = { region, endpoint: endpoint.url, credentials: presented(endpoint.credentials) };
  const s3 = foreignStorage(endpoint, region);
  const dynamodb = new DynamoDBClient(options);
  const kms = new KMSClient(options);
  const secrets = new SecretsManagerClient(options);
  return {
    s3,
    dynamodb,
    kms,
    secrets,
    close: () => {
      for (const client of [s3, dynamodb, kms, secrets]) client.destroy();
    },
  };
}

/** By path: the endpoint need not have a host name for every bucket. */
export function foreignStorage({ url, credentials }: ForeignEndpoint, region: string): S3Client {
  return new S3Client({ region, endpoint: url, credentials: presented(credentials), forcePathStyle: true });
}

function presented({ accessKeyId, secretAccessKey, sessionToken }: SessionCredentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
