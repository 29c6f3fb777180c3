/** Buckets at another endpoint: what the templates say of them, put again at each start, as a deployment would. */
import {
  BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  type LifecycleRule,
  type ObjectLockConfiguration,
  ObjectOwnership,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { type Bucket, bucketsOf, type LifecycleRule as DeclaredRule } from '../../local/s3/bucket.ts';
import type { DeployedResource, Deployment } from '../../local/service.ts';
import { Problem } from '../../shared/problem.ts';
import { type Asking, nameAndStatus } from './asking.ts';
import { propertiesOf } from './properties.ts';

/** What the embedded cloud has no use for, and another endpoint may have: it can know callers that are nobody. */
const Exposure = z.looseObject({
  PublicAccessBlockConfiguration: z
    .object({
      BlockPublicAcls: z.boolean(),
      BlockPublicPolicy: z.boolean(),
      IgnorePublicAcls: z.boolean(),
      RestrictPublicBuckets: z.boolean(),
    })
    .optional(),
  OwnershipControls: z.object({ Rules: z.tuple([z.object({ ObjectOwnership: z.enum(ObjectOwnership) })]) }).optional(),
});

export async function makeBuckets(
  client: S3Client,
  deployment: Deployment,
  /** ARNs of keys: in the templates → there. */
  arns: ReadonlyMap<string, string>,
  asking: Asking,
): Promise<void> {
  await Promise.all(
    bucketsOf(deployment).map(async (bucket) => {
      const resource = resourceOf(deployment, bucket);
      const name = resource.logicalId;
      const there = await asking.need('S3 CreateBucket', name, () => exists(client, bucket, deployment.region));
      if (there !== true) return;
      await protect(client, bucket, name, arns, asking);
      await Promise.all([
        tidy(client, bucket, name, asking),
        shut(client, bucket, { name, ...propertiesOf(resource, Exposure) }, asking),
      ]);
    }),
  );
}

function resourceOf(deployment: Deployment, { name }: Bucket): DeployedResource {
  const found = deployment.ofType('AWS::S3::Bucket').find(({ physicalId }) => physicalId === name);
  if (found === undefined) throw new Problem('not-found', { detail: `The templates hold no bucket ${name}.` });
  return found;
}

/** Makes it where it is not. */
async function exists(client: S3Client, { name: Bucket, objectLock }: Bucket, region: string): Promise<true> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if (nameAndStatus(error).status !== 404) throw error;
  }
  const constraint = Object.values(BucketLocationConstraint).find((each) => each === region);
  await client.send(
    new CreateBucketCommand({
      Bucket,
      ...(objectLock ? { ObjectLockEnabledForBucket: true } : {}),
      // The oldest region is the default, and S3 refuses to hear its name.
      ...(constraint === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: constraint } }),
    }),
  );
  return true;
}

/** Versions, Object Lock and encryption: without them the flow's promises do not hold. What was put is read back. */
async function protect(
  client: S3Client,
  bucket: Bucket,
  resource: string,
  arns: ReadonlyMap<string, string>,
  asking: Asking,
): Promise<void> {
  const { name: Bucket, versioning, objectLock, defaultRetention, encryption, bucketKey } = bucket;
  if (versioning !== 'Off') {
    const operation = 'S3 PutBucketVersioning';
    const status = await asking.need(operation, resource, async () => {
      const VersioningConfiguration = { Status: versioning };
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      return (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status ?? 'none';
    });
    if (status !== undefined && status !== versioning) asking.lacks({ operation, resource, answer: `then ${status}` });
  }
  if (objectLock) {
    const operation = 'S3 PutObjectLockConfiguration';
    const locked = await asking.need(operation, resource, () => lock(client, Bucket, defaultRetention));
    if (locked === false) asking.lacks({ operation, resource, answer: 'then another' });
  }
  const KMSMasterKeyID = encryption.keyId === undefined ? undefined : (arns.get(encryption.keyId) ?? encryption.keyId);
  await asking.need('S3 PutBucketEncryption', resource, () =>
    client.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: encryption.algorithm, KMSMasterKeyID },
              BucketKeyEnabled: bucketKey,
            },
          ],
        },
      }),
    ),
  );
}

/** Puts it only where it is another: not every endpoint lets it be put again. Whether it is there then. */
async function lock(client: S3Client, Bucket: string, retention: Bucket['defaultRetention']): Promise<boolean> {
  const DefaultRetention = retention && { Mode: retention.mode, Days: retention.days };
  const isThere = async (): Promise<boolean> => {
    const { ObjectLockConfiguration: found } = await client.send(new GetObjectLockConfigurationCommand({ Bucket }));
    const { Mode, Days } = found?.Rule?.DefaultRetention ?? {};
    return found?.ObjectLockEnabled === 'Enabled' && Mode === DefaultRetention?.Mode && Days === DefaultRetention?.Days;
  };
  const already = await isThere().catch((error: unknown) => {
    if (nameAndStatus(error).status === 404) return false;
    throw error;
  });
  if (already) return true;
  const Rule = DefaultRetention && { DefaultRetention };
  const ObjectLockConfiguration: ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', ...(Rule ? { Rule } : {}) };
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  return isThere();
}

async function tidy(client: S3Client, bucket: Bucket, resource: string, asking: Asking): Promise<void> {
  if (bucket.lifecycle.length === 0) return;
  const loss = 'superseded and abandoned versions stay';
  await asking.want('S3 PutBucketLifecycleConfiguration', resource, loss, () =>
    client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: bucket.name,
        LifecycleConfiguration: { Rules: bucket.lifecycle.map(lifecycleRule) },
      }),
    ),
  );
}

function lifecycleRule(rule: DeclaredRule): LifecycleRule {
  const { expirationDays, expirationDate, expiredDeleteMarker, noncurrentDays, noncurrentKept, abortUploadDays } = rule;
  const size = {
    ...(rule.largerThan === undefined ? {} : { ObjectSizeGreaterThan: rule.largerThan }),
    ...(rule.smallerThan === undefined ? {} : { ObjectSizeLessThan: rule.smallerThan }),
  };
  const Tags = Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value }));
  const many = Tags.length > 0 || Object.keys(size).length > 0;
  return {
    ID: rule.id,
    Status: 'Enabled',
    Filter: many ? { And: { Prefix: rule.prefix, Tags, ...size } } : { Prefix: rule.prefix },
    ...(expirationDays === undefined ? {} : { Expiration: { Days: expirationDays } }),
    ...(expirationDate === undefined ? {} : { Expiration: { Date: new Date(expirationDate) } }),
    ...(expiredDeleteMarker ? { Expiration: { ExpiredObjectDeleteMarker: true } } : {}),
    ...(noncurrentDays === undefined
      ? {}
      : {
          NoncurrentVersionExpiration: {
            NoncurrentDays: noncurrentDays,
            ...(noncurrentKept === 0 ? {} : { NewerNoncurrentVersions: noncurrentKept }),
          },
        }),
    ...(abortUploadDays === undefined
      ? {}
      : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortUploadDays } }),
  };
}

async function shut(
  client: S3Client,
  { name: Bucket }: Bucket,
  given: z.output<typeof Exposure> & { readonly name: string },
  asking: Asking,
): Promise<void> {
  const { name: resource, PublicAccessBlockConfiguration, OwnershipControls } = given;
  if (PublicAccessBlockConfiguration) {
    await asking.want(
      'S3 PutPublicAccessBlock',
      resource,
      'nothing there keeps the bucket from being made public',
      () => client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration })),
    );
  }
  if (OwnershipControls) {
    await asking.want('S3 PutBucketOwnershipControls', resource, 'objects may carry lists of access of their own', () =>
      client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls })),
    );
  }
}
