/**
 * What an endpoint may accept and then not do, tried before anything runs: conditions that it ignores would let two runs
 * write one entry, a context that it ignores would let one chunk's key open another's, a signature that does not verify
 * would seal nothing. Each probe removes what it has written.
 */
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Deployment } from '../../local/service.ts';
import { TABLES } from '../../shared/names.ts';
import { type Asking, isNamed, nameAndStatus } from './asking.ts';
import type { ForeignClients } from './clients.ts';

export async function probe(
  clients: ForeignClients,
  deployment: Deployment,
  arns: ReadonlyMap<string, string>,
  asking: Asking,
): Promise<void> {
  const key = (name: string): string | undefined => arns.get(deployment.find('AWS::KMS::Key', name).arn);
  await Promise.all([
    listings(clients.s3, deployment.find('AWS::S3::Bucket', 'LandingBucket').physicalId, asking),
    conditionalWrites(clients.s3, deployment.find('AWS::S3::Bucket', 'WorkingBucket').physicalId, asking),
    conditionalUpdates(clients.dynamodb, deployment.find('AWS::DynamoDB::Table', 'RunsTable').physicalId, asking),
    contexts(clients.kms, key('VaultKey'), asking),
    signatures(clients.kms, key('SealSigningKey'), asking),
  ]);
}

/** Uploads are noticed by it. */
async function listings(client: S3Client, Bucket: string, asking: Asking): Promise<void> {
  await asking.need('S3 ListObjectVersions', 'LandingBucket', () =>
    client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, EncodingType: 'url' })),
  );
}

async function conditionalWrites(client: S3Client, Bucket: string, asking: Asking): Promise<void> {
  const operation = 'S3 PutObject If-None-Match';
  const resource = 'WorkingBucket';
  const Key = `probe/${randomUUID()}`;
  const written: (string | undefined)[] = [];
  const put = async (): Promise<boolean> => {
    try {
      const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'probe', IfNoneMatch: '*' }));
      written.push(VersionId);
      return true;
    } catch (error) {
      if (nameAndStatus(error).status === 412) return false;
      throw error;
    }
  };
  const outcomes = await asking.need(operation, resource, async () => [await put(), await put()]);
  for (const VersionId of written) {
    await asking.need('S3 DeleteObject', resource, () =>
      client.send(new DeleteObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) })),
    );
  }
  if (outcomes?.[1] === true) asking.lacks({ operation, resource, answer: 'written twice' });
  if (outcomes && written[0] === undefined) {
    asking.lacks({ operation: 'S3 PutObject', resource, answer: 'without a version id' });
  }
}

async function conditionalUpdates(client: DynamoDBClient, TableName: string, asking: Asking): Promise<void> {
  const operation = 'DynamoDB UpdateItem ConditionExpression';
  const resource = 'RunsTable';
  const name = TABLES.runs.partitionKey;
  const Key = { [name]: { S: `probe-${randomUUID()}` } };
  const refused = await asking.need(operation, resource, async () => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET #probe = :one',
          ConditionExpression: 'attribute_exists(#key)',
          ExpressionAttributeNames: { '#probe': 'probe', '#key': name },
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      );
      return false;
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return true;
      throw error;
    }
  });
  if (refused !== false) return;
  asking.lacks({ operation, resource, answer: 'ignored' });
  await asking.need('DynamoDB DeleteItem', resource, () => client.send(new DeleteItemCommand({ TableName, Key })));
}

async function contexts(client: KMSClient, KeyId: string | undefined, asking: Asking): Promise<void> {
  const resource = 'VaultKey';
  const made = await asking.need('KMS GenerateDataKey EncryptionContext', resource, () =>
    client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: { purpose: 'probe' } })),
  );
  if (made === undefined) return;
  const { CiphertextBlob } = made;
  const operation = 'KMS Decrypt EncryptionContext';
  const open = (purpose: string) =>
    client.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: { purpose } }));
  const opened = await asking.need(operation, resource, () => open('probe'));
  if (opened === undefined) return;
  const other = await asking.ask(operation, resource, () => open('another'));
  if ('value' in other) asking.lacks({ operation, resource, answer: 'opens under another context' });
}

/** Ed25519 over the message itself. The message is no checkpoint, and can be taken for none. */
async function signatures(client: KMSClient, KeyId: string | undefined, asking: Asking): Promise<void> {
  if (KeyId === undefined) return;
  const operation = 'KMS Sign ED25519_SHA_512';
  const resource = 'SealSigningKey';
  const message = Buffer.from('parapet: does this key sign?');
  const signed = await asking.need(operation, resource, () =>
    client.send(new SignCommand({ KeyId, Message: message, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' })),
  );
  const found = await asking.need('KMS GetPublicKey', resource, () => client.send(new GetPublicKeyCommand({ KeyId })));
  if (signed?.Signature === undefined || found?.PublicKey === undefined) return;
  const key = createPublicKey({ key: Buffer.from(found.PublicKey), format: 'der', type: 'spki' });
  if (!verify(null, message, key, signed.Signature)) asking.lacks({ operation, resource, answer: 'does not verify' });
}
