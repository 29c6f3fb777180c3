/** A bucket as its template resource describes it. */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import type { DeployedResource, Deployment } from '../service.ts';
import type { Retention } from './state/schema.ts';

export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly largerThan: number | undefined;
  readonly smallerThan: number | undefined;
  readonly expirationDays: number | undefined;
  /** Epoch milliseconds. */
  readonly expirationDate: number | undefined;
  readonly expiredDeleteMarker: boolean;
  readonly noncurrentDays: number | undefined;
  /** How many noncurrent versions are kept whatever their age. */
  readonly noncurrentKept: number;
  readonly abortUploadDays: number | undefined;
}

export interface Bucket {
  readonly name: string;
  readonly arn: string;
  readonly versioning: 'Off' | 'Enabled' | 'Suspended';
  readonly objectLock: boolean;
  readonly defaultRetention: { readonly mode: Retention['mode']; readonly days: number } | undefined;
  readonly encryption: { readonly algorithm: 'aws:kms' | 'AES256'; readonly keyId: string | undefined };
  readonly bucketKey: boolean;
  /** Whether events go to EventBridge. */
  readonly events: boolean;
  readonly policy: unknown;
  readonly lifecycle: readonly LifecycleRule[];
}

// CloudFormation takes booleans and numbers as strings too.
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const count = z.coerce.number().int().nonnegative();

const rule = z.object({
  Id: z.string().default(''),
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().default(''),
  TagFilters: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
  ObjectSizeGreaterThan: count.optional(),
  ObjectSizeLessThan: count.optional(),
  ExpirationInDays: count.optional(),
  ExpirationDate: z.string().optional(),
  ExpiredObjectDeleteMarker: flag.default(false),
  NoncurrentVersionExpirationInDays: count.optional(),
  NoncurrentVersionExpiration: z
    .object({ NoncurrentDays: count, NewerNoncurrentVersions: count.optional() })
    .optional(),
  AbortIncompleteMultipartUpload: z.object({ DaysAfterInitiation: count }).optional(),
});

const retention = z.object({
  Mode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
  Days: count.optional(),
  Years: count.optional(),
});

/** Properties that change nothing here, each for a reason. Any other that is not read below is refused. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  AccessControl: 'there are no ACLs',
  LoggingConfiguration: 'the call log of the embedded cloud has every access',
  MetricsConfigurations: 'there are no request metrics',
  OwnershipControls: 'there are no ACLs',
  PublicAccessBlockConfiguration: 'there is no anonymous caller',
  Tags: 'bucket tags are not part of any decision here',
};

const properties = z.object({
  BucketName: z.string().optional(),
  VersioningConfiguration: z.object({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  ObjectLockEnabled: flag.default(false),
  ObjectLockConfiguration: z
    .object({
      ObjectLockEnabled: z.literal('Enabled').optional(),
      Rule: z.object({ DefaultRetention: retention.optional() }).optional(),
    })
    .optional(),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: z
        .array(
          z.object({
            BucketKeyEnabled: flag.default(false),
            ServerSideEncryptionByDefault: z
              .object({ SSEAlgorithm: z.enum(['aws:kms', 'AES256']), KMSMasterKeyID: z.string().optional() })
              .optional(),
          }),
        )
        .length(1),
    })
    .optional(),
  NotificationConfiguration: z
    .strictObject({ EventBridgeConfiguration: z.object({ EventBridgeEnabled: flag.default(true) }).optional() })
    .optional(),
  LifecycleConfiguration: z.object({ Rules: z.array(rule) }).optional(),
});

function lifecycleRule(parsed: z.infer<typeof rule>): LifecycleRule {
  return {
    id: parsed.Id,
    prefix: parsed.Prefix,
    tags: Object.fromEntries(parsed.TagFilters.map((tag) => [tag.Key, tag.Value])),
    largerThan: parsed.ObjectSizeGreaterThan,
    smallerThan: parsed.ObjectSizeLessThan,
    expirationDays: parsed.ExpirationInDays,
    expirationDate: parsed.ExpirationDate === undefined ? undefined : Date.parse(parsed.ExpirationDate),
    expiredDeleteMarker: parsed.ExpiredObjectDeleteMarker,
    noncurrentDays: parsed.NoncurrentVersionExpiration?.NoncurrentDays ?? parsed.NoncurrentVersionExpirationInDays,
    noncurrentKept: parsed.NoncurrentVersionExpiration?.NewerNoncurrentVersions ?? 0,
    abortUploadDays: parsed.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  };
}

function parseProperties(resource: DeployedResource): z.infer<typeof properties> {
  const unknown = Object.keys(resource.properties).filter(
    (name) => !(name in properties.shape) && !(name in WITHOUT_EFFECT),
  );
  if (unknown.length > 0) {
    throw new Problem('not-implemented', { detail: `${resource.logicalId}: ${unknown.join(', ')}` });
  }
  const parsed = properties.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.'));
  throw new Problem('not-implemented', { detail: `${resource.logicalId}: ${paths.join(', ')}` });
}

function bucketOf(resource: DeployedResource, policy: unknown, events: boolean): Bucket {
  const given = parseProperties(resource);
  const encryption = given.BucketEncryption?.ServerSideEncryptionConfiguration[0];
  const byDefault = given.ObjectLockConfiguration?.Rule?.DefaultRetention;
  const objectLock = given.ObjectLockEnabled || given.ObjectLockConfiguration !== undefined;
  return {
    name: resource.physicalId,
    arn: resource.arn,
    // Object Lock switches versioning on for good.
    versioning: objectLock ? 'Enabled' : (given.VersioningConfiguration?.Status ?? 'Off'),
    objectLock,
    defaultRetention: byDefault && { mode: byDefault.Mode, days: byDefault.Days ?? (byDefault.Years ?? 0) * 365 },
    encryption: {
      algorithm: encryption?.ServerSideEncryptionByDefault?.SSEAlgorithm ?? 'AES256',
      keyId: encryption?.ServerSideEncryptionByDefault?.KMSMasterKeyID,
    },
    bucketKey: encryption?.BucketKeyEnabled ?? false,
    events: events || (given.NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled ?? false),
    policy,
    lifecycle: (given.LifecycleConfiguration?.Rules ?? [])
      .filter((each) => each.Status === 'Enabled')
      .map(lifecycleRule),
  };
}

const policyProperties = z.object({ Bucket: z.string(), PolicyDocument: z.unknown() });

/** CDK's `eventBridgeEnabled` is a custom resource of its own beside the bucket. */
const notificationProperties = z.object({
  BucketName: z.string(),
  NotificationConfiguration: z.strictObject({ EventBridgeConfiguration: z.object({}).optional() }),
});

/** Every bucket of the deployment. Throws `Problem('not-implemented')` naming the property that would have to be ignored. */
export function bucketsOf(deployment: Deployment): readonly Bucket[] {
  const policies = new Map(
    deployment.ofType('AWS::S3::BucketPolicy').map((resource) => {
      const { Bucket, PolicyDocument } = policyProperties.parse(resource.properties);
      return [Bucket, PolicyDocument];
    }),
  );
  const notified = new Set(
    deployment.ofType('Custom::S3BucketNotifications').flatMap((resource) => {
      const parsed = notificationProperties.safeParse(resource.properties);
      if (!parsed.success) {
        throw new Problem('not-implemented', { detail: `${resource.logicalId}: NotificationConfiguration` });
      }
      const { BucketName, NotificationConfiguration } = parsed.data;
      return NotificationConfiguration.EventBridgeConfiguration ? [BucketName] : [];
    }),
  );
  return deployment
    .ofType('AWS::S3::Bucket')
    .map((resource) => bucketOf(resource, policies.get(resource.physicalId), notified.has(resource.physicalId)));
}
