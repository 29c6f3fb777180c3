/** The sides of a sweep, on the SDK. Apart from sweep-ports.ts, so that a step that opens no side carries no driver of a database. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../runtime/clock.ts';
import type { OpenEndpoint } from '../sweep/protocol/ports.ts';
import { S3ByteSource } from './s3-byte-source.ts';
import type { s3Client } from './s3-client.ts';
import { SecretsManagerSource } from './secret-source.ts';
import { secretsClient } from './secrets-client.ts';
import { deployedEndpoints } from './sweep-endpoints.ts';

/** A secret is asked for again after minutes, as it may have been rotated. */
export function endpointsOf(
  connections: string,
  clients: { readonly s3: ReturnType<typeof s3Client>; readonly dynamodb: DynamoDBClient },
): OpenEndpoint {
  const secrets = secretsClient();
  const held = new Map<string, SecretsManagerSource>();
  return deployedEndpoints(connections, {
    dynamodb: clients.dynamodb,
    bytes: (bucket, prefix) => new S3ByteSource(clients.s3, bucket, prefix),
    secret: (arn) => {
      const source = held.get(arn) ?? new SecretsManagerSource(secrets, arn, systemClock);
      held.set(arn, source);
      return source;
    },
  });
}
