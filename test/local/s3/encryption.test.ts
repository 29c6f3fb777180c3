import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../local/service.ts';
import { BUCKETS, type Cloud, KEY_ARN, refusal, startCloud } from './support.ts';

const CANARY = 'canary-7f3a9c-nobody-may-find-this';

let cloud: Cloud;
beforeEach(async () => {
  const perObject = {
    name: 'per-object',
    properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY_ARN } },
        ],
      },
    },
  };
  cloud = await startCloud({ buckets: [...BUCKETS, perObject] });
});
afterEach(() => cloud.close());

const put = (Bucket: string, more: Partial<PutObjectCommand['input']> = {}) =>
  cloud.client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: CANARY, ...more }));
const get = (Bucket: string) => cloud.client.send(new GetObjectCommand({ Bucket, Key: 'k' }));

const filesWith = (needle: string) =>
  readdirSync(cloud.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(needle));

describe('encryption at rest', () => {
  it("[B03] [P06] leaves no plaintext on disk, under KMS or under the service's own key", async () => {
    await put('landing');
    await put('plain');
    await cloud.client.send(new CopyObjectCommand({ Bucket: 'audit', Key: 'copy', CopySource: 'landing/k' }));
    const { UploadId } = await cloud.client.send(new CreateMultipartUploadCommand({ Bucket: 'landing', Key: 'm' }));
    await cloud.client.send(
      new UploadPartCommand({ Bucket: 'landing', Key: 'm', UploadId, PartNumber: 1, Body: CANARY }),
    );
    expect(filesWith(CANARY)).toEqual([]);
    // The scan finds what is there to be found.
    await put('landing', { Metadata: { note: CANARY } });
    expect(filesWith(CANARY).length).toBeGreaterThan(0);
  });

  it('encrypts equal bytes differently every time', async () => {
    const [one, two] = [await put('landing'), await put('landing')];
    expect(one.ETag).not.toBe(two.ETag);
  });

  it('asks KMS as the caller, under the context of the bucket or of the object', async () => {
    await put('landing');
    await get('landing');
    const context = { 'aws:s3:arn': 'arn:aws:s3:::landing' };
    expect(cloud.keyRing.calls).toEqual([
      { action: 'kms:GenerateDataKey', keyId: KEY_ARN, context },
      { action: 'kms:Decrypt', keyId: KEY_ARN, context },
    ]);
    cloud.keyRing.calls = [];
    const more = Buffer.from('{"purpose":"test"}').toString('base64');
    await put('per-object', {
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'other',
      SSEKMSEncryptionContext: more,
      BucketKeyEnabled: false,
    });
    expect((await get('per-object')).SSEKMSKeyId).toMatch(/key\/other$/);
    expect(cloud.keyRing.calls.map((call) => call.context)).toEqual(
      Array(2).fill({ 'aws:s3:arn': 'arn:aws:s3:::per-object/k', purpose: 'test' }),
    );
  });

  it('[B19] neither takes nor gives without the permission on the key', async () => {
    await put('landing');
    cloud.keyRing.deny = (action) => action === 'kms:Decrypt';
    expect(await refusal(get('landing'))).toBe('AccessDenied 403');
    const head = (ChecksumMode?: 'ENABLED') =>
      cloud.client.send(new HeadObjectCommand({ Bucket: 'landing', Key: 'k', ChecksumMode }));
    expect((await head()).ContentLength).toBe(CANARY.length);
    // A checksum tells of the content.
    expect(await refusal(head('ENABLED'))).toMatch(/403$/);
    const copy = new CopyObjectCommand({ Bucket: 'plain', Key: 'c', CopySource: 'landing/k' });
    expect(await refusal(cloud.client.send(copy))).toBe('AccessDenied 403');
    cloud.keyRing.deny = (action) => action === 'kms:GenerateDataKey';
    expect(await refusal(put('landing', { Key: 'other' }))).toBe('AccessDenied 403');
    expect(await refusal(cloud.client.send(new GetObjectCommand({ Bucket: 'landing', Key: 'other' })))).toBe(
      'NoSuchKey 404',
    );
  });

  it('takes GenerateDataKey to begin a multipart upload and Decrypt for every part and the end', async () => {
    const at = { Bucket: 'landing', Key: 'm' };
    const { UploadId } = await cloud.client.send(new CreateMultipartUploadCommand(at));
    const { ETag } = await cloud.client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'x' }));
    const end = new CompleteMultipartUploadCommand({
      ...at,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });
    cloud.keyRing.deny = (action) => action === 'kms:Decrypt';
    expect(await refusal(cloud.client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 2, Body: 'x' })))).toBe(
      'AccessDenied 403',
    );
    expect(await refusal(cloud.client.send(end))).toBe('AccessDenied 403');
    cloud.keyRing.deny = () => false;
    await cloud.client.send(end);
    expect(cloud.keyRing.calls.map((call) => call.action)).toEqual([
      'kms:GenerateDataKey',
      'kms:Decrypt',
      'kms:Decrypt',
      'kms:Decrypt',
      'kms:Decrypt',
    ]);
  });

  it('tells of a disabled key as S3 tells it', async () => {
    await put('landing');
    cloud.keyRing.authorizeVia = () => {
      throw new ApiError('DisabledException', 'The key is disabled.', 400);
    };
    expect(await refusal(get('landing'))).toBe('KMS.DisabledException 400');
  });

  it("uses the account's own key for S3 when a client asks for KMS and names none, as AWS does", async () => {
    await put('landing', { ServerSideEncryption: 'aws:kms' });
    expect(cloud.keyRing.calls[0]?.keyId).toBe('alias/aws/s3');
    expect((await put('landing', { ServerSideEncryption: 'AES256' })).ServerSideEncryption).toBe('AES256');
    const dual = put('landing', { ServerSideEncryption: 'aws:kms:dsse' });
    expect(await refusal(dual)).toBe('NotImplemented 501');
    const mismatched = put('landing', { ServerSideEncryption: 'AES256', SSEKMSKeyId: 'other' });
    expect(await refusal(mismatched)).toBe('InvalidArgument 400');
  });
});
