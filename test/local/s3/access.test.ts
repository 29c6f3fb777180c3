import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, BUCKETS, type Cloud, KEY_ARN, REGION, refusal, startCloud } from './support.ts';

const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }],
};
const IN_DAYS = new Date('2026-11-25T09:00:00Z');

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud({ buckets: [...BUCKETS, { name: 'guarded', policy: POLICY }] });
});
afterEach(() => cloud.close());

const send: Cloud['client']['send'] = (...parameters: unknown[]) =>
  Reflect.apply(cloud.client.send, cloud.client, parameters);
const at = { Bucket: 'landing', Key: 'k' };

/** The actions and resources that a call asks for. */
async function asked(call: () => Promise<unknown>): Promise<readonly string[]> {
  cloud.authorizer.asked = [];
  await call();
  return cloud.authorizer.actions();
}

const contextOf = (action: string) => cloud.authorizer.asked.find((request) => request.action === action)?.context;

describe('what a call needs', () => {
  it('[B19] names the exact action and resource of every operation', async () => {
    const { VersionId } = await send(new PutObjectCommand({ ...at, Body: 'x', Tagging: 'a=1' }));
    const { UploadId } = await send(new CreateMultipartUploadCommand(at));
    const cases: [() => Promise<unknown>, string[]][] = [
      [() => send(new PutObjectCommand({ ...at, Body: 'x' })), ['s3:PutObject landing/k']],
      [
        () => send(new PutObjectCommand({ ...at, Body: 'x', Tagging: 'a=1' })),
        ['s3:PutObject landing/k', 's3:PutObjectTagging landing/k'],
      ],
      [() => send(new GetObjectCommand(at)), ['s3:GetObject landing/k']],
      [() => send(new GetObjectCommand({ ...at, VersionId })), ['s3:GetObjectVersion landing/k']],
      [() => send(new HeadObjectCommand(at)), ['s3:GetObject landing/k']],
      [
        () => send(new GetObjectAttributesCommand({ ...at, ObjectAttributes: ['ETag'] })),
        ['s3:GetObject landing/k', 's3:GetObjectAttributes landing/k'],
      ],
      [() => send(new GetObjectTaggingCommand({ ...at, VersionId })), ['s3:GetObjectVersionTagging landing/k']],
      [() => send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [] } })), ['s3:PutObjectTagging landing/k']],
      [
        () =>
          send(new CopyObjectCommand({ Bucket: 'plain', Key: 'c', CopySource: `landing/k?versionId=${VersionId}` })),
        [
          's3:GetObjectVersion landing/k',
          's3:PutObject plain/c',
          's3:GetObjectVersionTagging landing/k',
          's3:PutObjectTagging plain/c',
        ],
      ],
      [() => send(new ListObjectsV2Command({ Bucket: 'landing' })), ['s3:ListBucket landing']],
      [() => send(new ListObjectVersionsCommand({ Bucket: 'landing' })), ['s3:ListBucketVersions landing']],
      [() => send(new CreateMultipartUploadCommand(at)), ['s3:PutObject landing/k']],
      [() => send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'x' })), ['s3:PutObject landing/k']],
      [() => send(new ListPartsCommand({ ...at, UploadId })), ['s3:ListMultipartUploadParts landing/k']],
      [() => send(new ListMultipartUploadsCommand({ Bucket: 'landing' })), ['s3:ListBucketMultipartUploads landing']],
      [() => send(new AbortMultipartUploadCommand({ ...at, UploadId })), ['s3:AbortMultipartUpload landing/k']],
      [
        () => send(new DeleteObjectCommand({ ...at, VersionId, BypassGovernanceRetention: true })),
        ['s3:DeleteObjectVersion landing/k', 's3:BypassGovernanceRetention landing/k'],
      ],
      [() => send(new DeleteObjectCommand(at)), ['s3:DeleteObject landing/k']],
      [() => send(new HeadBucketCommand({ Bucket: 'landing' })), ['s3:ListBucket landing']],
      [() => send(new ListBucketsCommand({})), ['s3:ListAllMyBuckets *']],
      [() => send(new GetBucketLocationCommand({ Bucket: 'landing' })), ['s3:GetBucketLocation landing']],
      [() => send(new GetBucketVersioningCommand({ Bucket: 'landing' })), ['s3:GetBucketVersioning landing']],
      [() => send(new GetBucketEncryptionCommand({ Bucket: 'landing' })), ['s3:GetEncryptionConfiguration landing']],
      [() => send(new GetBucketPolicyCommand({ Bucket: 'guarded' })), ['s3:GetBucketPolicy guarded']],
    ];
    for (const [call, expected] of cases) expect(await asked(call)).toEqual(expected);
  });

  it('carries the condition keys of a write', async () => {
    await send(
      new PutObjectCommand({
        Bucket: 'vault',
        Key: 'k',
        Body: 'x',
        IfNoneMatch: '*',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: 'landing',
        Tagging: 'class=a',
        ObjectLockMode: 'GOVERNANCE',
        ObjectLockRetainUntilDate: IN_DAYS,
        ObjectLockLegalHoldStatus: 'OFF',
      }),
    );
    expect(cloud.authorizer.actions()).toEqual([
      's3:PutObject vault/k',
      's3:PutObjectTagging vault/k',
      's3:PutObjectRetention vault/k',
      's3:PutObjectLegalHold vault/k',
    ]);
    expect(contextOf('s3:PutObject')).toMatchObject({
      's3:if-none-match': '*',
      's3:ObjectCreationOperation': 'true',
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN,
      's3:RequestObjectTag/class': 'a',
      's3:RequestObjectTagKeys': ['class'],
      's3:object-lock-mode': 'GOVERNANCE',
      's3:object-lock-remaining-retention-days': '3',
      's3:object-lock-retain-until-date': '2026-11-25T09:00:00.000Z',
      's3:object-lock-legal-hold': 'OFF',
      's3:ResourceAccount': ACCOUNT,
      's3:TlsVersion': '1.3',
      's3:authType': 'REST-HEADER',
      's3:signatureversion': 'AWS4-HMAC-SHA256',
    });
  });

  it('has no key for what the client did not say, even where the bucket has a default', async () => {
    await send(new PutObjectCommand({ ...at, Body: 'x' }));
    const keys = Object.keys(contextOf('s3:PutObject') ?? {});
    expect(keys).not.toContain('s3:x-amz-server-side-encryption');
    expect(keys).not.toContain('s3:if-none-match');
    expect(keys).not.toContain('s3:object-lock-mode');
  });

  it('judges the parts of a multipart upload by the encryption it was begun with, and only its end as a creation', async () => {
    const { UploadId } = await send(
      new CreateMultipartUploadCommand({ ...at, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN }),
    );
    expect(contextOf('s3:PutObject')).toMatchObject({ 's3:ObjectCreationOperation': 'false' });
    cloud.authorizer.asked = [];
    const { ETag } = await send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'x' }));
    const encryption = {
      's3:x-amz-server-side-encryption': 'aws:kms',
      's3:x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN,
    };
    expect(contextOf('s3:PutObject')).toMatchObject({ 's3:ObjectCreationOperation': 'false', ...encryption });
    cloud.authorizer.asked = [];
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload, IfNoneMatch: '*' }));
    expect(contextOf('s3:PutObject')).toMatchObject({
      's3:ObjectCreationOperation': 'true',
      's3:if-none-match': '*',
      ...encryption,
    });
  });

  it('carries the condition keys of lists, versions, tags, copies and retention', async () => {
    await send(new ListObjectsV2Command({ Bucket: 'landing', Prefix: 'entries/', Delimiter: '/', MaxKeys: 5 }));
    expect(contextOf('s3:ListBucket')).toMatchObject({
      's3:prefix': 'entries/',
      's3:delimiter': '/',
      's3:max-keys': '5',
    });
    const { VersionId } = await send(new PutObjectCommand({ ...at, Body: 'x', Tagging: 'class=a' }));
    await send(new GetObjectCommand({ ...at, VersionId }));
    expect(contextOf('s3:GetObjectVersion')).toMatchObject({
      's3:versionid': VersionId,
      's3:ExistingObjectTag/class': 'a',
    });
    cloud.authorizer.asked = [];
    await send(
      new CopyObjectCommand({ Bucket: 'plain', Key: 'c', CopySource: 'landing/k', MetadataDirective: 'REPLACE' }),
    );
    expect(contextOf('s3:PutObject')).toMatchObject({
      's3:x-amz-copy-source': 'landing/k',
      's3:x-amz-metadata-directive': 'REPLACE',
    });
    await send(new PutObjectCommand({ Bucket: 'vault', Key: 'k', Body: 'x' }));
    const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: IN_DAYS } as const;
    await send(new PutObjectRetentionCommand({ Bucket: 'vault', Key: 'k', Retention }));
    expect(contextOf('s3:PutObjectRetention')).toMatchObject({
      's3:object-lock-mode': 'COMPLIANCE',
      's3:object-lock-remaining-retention-days': '3',
    });
  });

  it("hands over the bucket's policy", async () => {
    await send(new PutObjectCommand({ Bucket: 'guarded', Key: 'k', Body: 'x' }));
    expect(cloud.authorizer.asked[0]?.resourcePolicy).toEqual(POLICY);
    expect(cloud.authorizer.asked[0]?.resourceAccount).toBe(ACCOUNT);
    await send(new PutObjectCommand({ ...at, Body: 'x' }));
    expect(cloud.authorizer.asked[1]?.resourcePolicy).toBeUndefined();
  });
});

describe('a denial', () => {
  it('comes before any effect', async () => {
    cloud.authorizer.deny = ({ action }) => action === 's3:PutObject';
    expect(await refusal(send(new PutObjectCommand({ ...at, Body: 'x' })))).toBe('AccessDenied 403');
    expect(cloud.keyRing.calls).toEqual([]);
    const listed = await send(new ListObjectVersionsCommand({ Bucket: 'landing' }));
    expect(listed.Versions).toBeUndefined();
  });

  it('of the retention alone refuses the whole put', async () => {
    cloud.authorizer.deny = ({ action }) => action === 's3:PutObjectRetention';
    const locked = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: IN_DAYS } as const;
    expect(await refusal(send(new PutObjectCommand({ Bucket: 'vault', Key: 'k', Body: 'x', ...locked })))).toBe(
      'AccessDenied 403',
    );
    expect((await send(new ListObjectsV2Command({ Bucket: 'vault' }))).KeyCount).toBe(0);
  });

  it('answers 403, not 404, for a missing object to who may not list', async () => {
    cloud.authorizer.deny = ({ action }) => action === 's3:ListBucket';
    expect(await refusal(send(new GetObjectCommand(at)))).toBe('AccessDenied 403');
    expect(await refusal(send(new HeadObjectCommand(at)))).toMatch(/ 403$/);
    expect(await refusal(send(new GetObjectCommand({ ...at, VersionId: 'none' })))).toBe('AccessDenied 403');
    expect(await refusal(send(new CopyObjectCommand({ Bucket: 'plain', Key: 'c', CopySource: 'landing/k' })))).toBe(
      'AccessDenied 403',
    );
    cloud.authorizer.deny = () => false;
    expect(await refusal(send(new GetObjectCommand(at)))).toBe('NoSuchKey 404');
    expect(await refusal(send(new GetObjectCommand({ ...at, VersionId: 'none' })))).toBe('NoSuchVersion 404');
  });

  it('meets who expects another owner, and a bucket that is not there', async () => {
    const other = { ExpectedBucketOwner: '999999999999' };
    expect(await refusal(send(new PutObjectCommand({ ...at, Body: 'x', ...other })))).toBe('AccessDenied 403');
    await send(new PutObjectCommand({ ...at, Body: 'x', ExpectedBucketOwner: ACCOUNT }));
    expect(await refusal(send(new HeadBucketCommand({ Bucket: 'nowhere' })))).toBe('NotFound 404');
    expect(await refusal(send(new ListObjectsV2Command({ Bucket: 'nowhere' })))).toBe('NoSuchBucket 404');
  });
});

describe('what a bucket says of itself', () => {
  it('is what its template says', async () => {
    expect((await send(new GetBucketLocationCommand({ Bucket: 'landing' }))).LocationConstraint).toBe(REGION);
    expect((await send(new GetBucketVersioningCommand({ Bucket: 'landing' }))).Status).toBe('Enabled');
    expect((await send(new GetBucketVersioningCommand({ Bucket: 'plain' }))).Status).toBeUndefined();
    const { Rules } =
      (await send(new GetBucketEncryptionCommand({ Bucket: 'landing' }))).ServerSideEncryptionConfiguration ?? {};
    expect(Rules).toEqual([
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY_ARN },
        BucketKeyEnabled: true,
      },
    ]);
    expect(JSON.parse((await send(new GetBucketPolicyCommand({ Bucket: 'guarded' }))).Policy ?? '')).toEqual(POLICY);
    expect(await refusal(send(new GetBucketPolicyCommand({ Bucket: 'plain' })))).toBe('NoSuchBucketPolicy 404');
    const { Buckets } = await send(new ListBucketsCommand({}));
    expect(Buckets?.map((bucket) => bucket.Name)).toEqual(['audit', 'guarded', 'landing', 'plain', 'vault']);
  });
});
