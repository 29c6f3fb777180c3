/**
 * A bucket that refuses what its key and its network do not cover, whatever a role's own policy says: SSE-KMS under the
 * named key with a bucket key, TLS 1.2 or newer, no public access, versions kept, and explicit denials for strangers.
 */
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { DeploymentConfiguration } from '../config.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { pin } from './pinned.ts';

/** What touches the content of objects. */
export const CONTENT = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'];

export interface GuardedBucketProps {
  readonly config: DeploymentConfiguration;
  /** Logical id. */
  readonly id: string;
  /** Encrypts what names no key. */
  readonly key: kms.Key;
  /**
   * Prefix → the keys under which objects there are written; a put there must name one of them. Without prefixes a put
   * names the bucket's key or none.
   */
  readonly prefixKeys?: Readonly<Record<string, readonly kms.Key[]>>;
  /** Only these principals (ARNs) touch content. Whoever is not named is refused, administrators included. */
  readonly admitted?: { readonly principals: readonly string[]; readonly actions: readonly string[] };
  /** In the profile that retains its data, only these delete objects or hide them; by default nobody does. Lifecycle rules go on. */
  readonly deletedBy?: readonly string[];
  /** Only these (ARNs) put tags on objects: a lifecycle rule of the bucket goes by one. */
  readonly markedBy?: readonly string[];
  /** Roles of functions: refused when they call from anywhere but the VPC, where stolen credentials would be used. */
  readonly inside: { readonly roles: readonly string[]; readonly vpcId: string };
  readonly lifecycle: readonly s3.LifecycleRule[];
  /** Retention of every version from its writing on. */
  readonly lock?: { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number };
}

export function guardedBucket(scope: Construct, props: GuardedBucketProps): s3.Bucket {
  const { config, lock } = props;
  const bucket = new s3.Bucket(scope, props.id.replace(/Bucket$/, ''), {
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: props.key,
    bucketKeyEnabled: true,
    versioned: true,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    // CDK's provider empties the bucket before it is deleted. It passes over no Object Lock: a sandbox comes down when
    // the retention of its last run (a day) is over.
    autoDeleteObjects: !config.retained,
    lifecycleRules: [
      { id: 'AbandonedUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ...props.lifecycle,
    ],
    ...(lock
      ? {
          objectLockEnabled: true,
          objectLockDefaultRetention:
            lock.mode === 'COMPLIANCE'
              ? s3.ObjectLockRetention.compliance(Duration.days(lock.days))
              : s3.ObjectLockRetention.governance(Duration.days(lock.days)),
        }
      : {}),
  });
  pin(bucket, props.id);
  acknowledge(
    bucket,
    ['AwsSolutions-S1', ...ofPacks('S3BucketLoggingEnabled', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321')],
    'Who read what stands in the data events of the trail; access logs would need a bucket outside SSE-KMS and Object Lock.',
  );
  acknowledge(
    bucket,
    ofPacks('S3BucketReplicationEnabled', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
    'A copy in another region is a second perimeter, and personal data in a place that nobody agreed to. S3 keeps every object in several zones; versions and Object Lock stand against deletion.',
  );
  for (const statement of [
    ...encryptionDenials(bucket, props),
    customerKeys(bucket),
    strangers(bucket),
    deputies(bucket),
    outside(bucket, props.inside),
    ...(props.admitted ? [unnamed(bucket, props.admitted)] : []),
    ...(props.markedBy ? [marking(bucket, props.markedBy)] : []),
    ...(config.retained ? [deletion(bucket, props.deletedBy ?? [])] : []),
  ]) {
    bucket.addToResourcePolicy(statement);
  }
  // A bucket that outlives its stack keeps its denials.
  if (config.retained) bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return bucket;
}

export function deny(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions: Record<string, Record<string, unknown>>,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid,
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: [...actions],
    resources: [...resources],
    conditions,
  });
}

function encryptionDenials(bucket: s3.Bucket, props: GuardedBucketProps): iam.PolicyStatement[] {
  const algorithm = 's3:x-amz-server-side-encryption';
  const keyId = 's3:x-amz-server-side-encryption-aws-kms-key-id';
  // What AWS's services deliver here (CloudTrail) is encrypted as their own configuration says.
  const ours = { 'aws:PrincipalIsAWSService': 'false' };
  // "Null … false": a put that names nothing gets the bucket's default, SSE-KMS under the bucket's key. (A negated
  // operator holds where its key is missing, with or without "IfExists".)
  const other = deny('DenyOtherEncryption', ['s3:PutObject'], [bucket.arnForObjects('*')], {
    StringNotEquals: { [algorithm]: 'aws:kms' },
    Null: { [algorithm]: 'false' },
    BoolIfExists: ours,
  });
  if (props.prefixKeys === undefined) {
    return [
      other,
      deny('DenyOtherKey', ['s3:PutObject'], [bucket.arnForObjects('*')], {
        StringNotEquals: { [keyId]: props.key.keyArn },
        Null: { [keyId]: 'false' },
        BoolIfExists: ours,
      }),
    ];
  }
  // Without "Null": the bucket's default key is no prefix's, so every put must name the right one.
  return [
    other,
    ...Object.entries(props.prefixKeys).map(([prefix, keys]) =>
      deny(
        `DenyOtherKeyIn${prefix.charAt(0).toUpperCase()}${prefix.slice(1)}`,
        ['s3:PutObject'],
        [bucket.arnForObjects(`${prefix}/*`)],
        {
          StringNotEquals: { [keyId]: keys.map((key) => key.keyArn) },
          BoolIfExists: ours,
        },
      ),
    ),
  ];
}

/**
 * SSE-C: an object under a key that the caller brings along and S3 forgets. It names no algorithm of S3's own, so that nothing above
 * speaks of it, and nobody here could ever open it.
 */
function customerKeys(bucket: s3.Bucket): iam.PolicyStatement {
  return deny('DenyCustomerKeys', ['s3:PutObject'], [bucket.arnForObjects('*')], {
    Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
  });
}

/** Principals of other accounts, whatever they were granted; AWS's own services act for themselves and have no account. */
function strangers(bucket: s3.Bucket): iam.PolicyStatement {
  return deny('DenyOtherAccounts', ['s3:*'], [bucket.bucketArn, bucket.arnForObjects('*')], {
    StringNotEqualsIfExists: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID },
    BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
  });
}

/**
 * AWS's services on behalf of other accounts (the confused deputy), whatever they were granted. A service that names nobody's
 * account is let be: not all of them say for whom they act.
 */
function deputies(bucket: s3.Bucket): iam.PolicyStatement {
  return deny('DenyOtherAccountsServices', ['s3:*'], [bucket.bucketArn, bucket.arnForObjects('*')], {
    StringNotEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    Null: { 'aws:SourceAccount': 'false' },
  });
}

/** A stage's role outside the stage's network is a stolen credential; no service calls S3 in a stage's name. */
function outside(bucket: s3.Bucket, inside: GuardedBucketProps['inside']): iam.PolicyStatement {
  return deny('DenyStagesOutsideNetwork', ['s3:*'], [bucket.bucketArn, bucket.arnForObjects('*')], {
    StringNotEqualsIfExists: { 'aws:SourceVpc': inside.vpcId },
    ArnEquals: { 'aws:PrincipalArn': [...inside.roles] },
  });
}

function unnamed(bucket: s3.Bucket, admitted: NonNullable<GuardedBucketProps['admitted']>): iam.PolicyStatement {
  return deny('DenyUnnamedPrincipals', admitted.actions, [bucket.arnForObjects('*')], {
    ArnNotEqualsIfExists: { 'aws:PrincipalArn': [...admitted.principals] },
    BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
  });
}

/** What is marked expires, so that marking is deleting. */
function marking(bucket: s3.Bucket, by: readonly string[]): iam.PolicyStatement {
  return deny('DenyMarking', ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'], [bucket.arnForObjects('*')], {
    ArnNotEqualsIfExists: { 'aws:PrincipalArn': [...by] },
  });
}

/** Object Lock, where there is one, keeps versions; this keeps them in sight as well: no delete marker hides one. */
function deletion(bucket: s3.Bucket, by: readonly string[]): iam.PolicyStatement {
  return deny(
    'DenyDeletion',
    ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    [bucket.arnForObjects('*')],
    by.length === 0 ? {} : { ArnNotEqualsIfExists: { 'aws:PrincipalArn': [...by] } },
  );
}
