/** Tables and buckets that a URL of the command line names. Who is asked for them is what the SDK's own chain finds. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { clientOptions } from '../../functions/aws/client-options.ts';
import { DynamoDbDocumentTable } from '../../functions/aws/document-table.ts';
import { S3ByteSource } from '../../functions/aws/s3-byte-source.ts';
import { openDynamoDb } from '../../functions/sweep/engines/dynamodb/engine.ts';
import type { Engine } from '../../functions/sweep/engines/engine.ts';
import type { ByteSource } from '../../functions/sweep/engines/files/byte-source.ts';
import { isLoopback } from '../../shared/loopback.ts';
import { Problem } from '../../shared/problem.ts';

/** `dynamodb://table?endpoint=…&region=…`; both parameters may be left out. */
export function openDynamoUrl(url: URL, table: string): Engine {
  if (decoded(url.hostname) !== table) {
    throw new Problem('usage-invalid', { detail: 'The address is of another table than the contract.' });
  }
  const client = new DynamoDBClient(optionsOf(url));
  const engine = openDynamoDb(new DynamoDbDocumentTable(client, table));
  return {
    ...engine,
    close: async () => {
      await engine.close();
      client.destroy();
    },
  };
}

/** `s3://bucket/prefix?endpoint=…&region=…`. */
export function openBucketUrl(url: URL, location: { readonly bucket: string; readonly prefix: string }): ByteSource {
  const prefix = decoded(url.pathname.slice(1));
  if (url.hostname !== location.bucket || prefix !== location.prefix) {
    throw new Problem('usage-invalid', { detail: 'The address is of another bucket or prefix than the contract.' });
  }
  const client = new S3Client({ ...optionsOf(url), forcePathStyle: url.searchParams.has('endpoint') });
  return new S3ByteSource(client, location.bucket, location.prefix);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem('usage-invalid', { detail: 'The address is not well-formed in its percent signs.' });
  }
}

function optionsOf({ searchParams }: URL) {
  for (const name of searchParams.keys()) {
    if (name !== 'endpoint' && name !== 'region') {
      throw new Problem('usage-invalid', { detail: 'The address takes no other parameter than endpoint and region.' });
    }
  }
  const endpoint = searchParams.get('endpoint') ?? undefined;
  const region = searchParams.get('region') ?? process.env.AWS_REGION;
  const host = endpoint === undefined ? undefined : URL.parse(endpoint);
  if (endpoint !== undefined && !isSafe(host)) throw new Problem('tls-required');
  // An emulator on this machine takes anybody for somebody; a signature there must be, and it needs a name and a region.
  const anonymous = host?.protocol === 'http:' && process.env.AWS_ACCESS_KEY_ID === undefined;
  return {
    ...clientOptions(),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? (anonymous ? { region: 'us-east-1' } : {}) : { region }),
    ...(anonymous ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
}

function isSafe(url: URL | null | undefined): boolean {
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
