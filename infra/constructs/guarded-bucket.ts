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
import { acknowledge } from './acknowledge.ts';
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
    'AwsSolutions-S1',
    'Who read what stands in the data events of the trail; access logs would need a bucket outside SSE-KMS and Object Lock.',
  );
  for (const statement of [
    ...encryptionDenials(bucket, props),
    strangers(bucket),
    outside(bucket, props.inside),
    ...(props.admitted ? [unnamed(bucket, props.admitted)] : []),
  ]) {
    bucket.addToResourcePolicy(statement);
  }
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

/** Principals of other accounts, whatever they were granted; AWS's own services act for themselves and have no account. */
function strangers(bucket: s3.Bucket): iam.PolicyStatement {
  return deny('DenyOtherAccounts', ['s3:*'], [bucket.bucketArn, bucket.arnForObjects('*')], {
    StringNotEqualsIfExists: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID },
    BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
  });
}

/** A stage's role outside the stage's network is a stolen credential. */
function outside(bucket: s3.Bucket, inside: GuardedBucketProps['inside']): iam.PolicyStatement {
  return deny('DenyStagesOutsideNetwork', ['s3:*'], [bucket.bucketArn, bucket.arnForObjects('*')], {
    StringNotEqualsIfExists: { 'aws:SourceVpc': inside.vpcId },
    ArnEquals: { 'aws:PrincipalArn': [...inside.roles] },
    BoolIfExists: { 'aws:ViaAWSService': 'false' },
  });
}

function unnamed(bucket: s3.Bucket, admitted: NonNullable<GuardedBucketProps['admitted']>): iam.PolicyStatement {
  return deny('DenyUnnamedPrincipals', admitted.actions, [bucket.arnForObjects('*')], {
    ArnNotEqualsIfExists: { 'aws:PrincipalArn': [...admitted.principals] },
    BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
  });
}
