/**
 * KMS keys with explicit policies. No key trusts "the account" to use it: the account may administer it, and each use
 * names the roles, the service it comes through, or the encryption context. An IAM policy is still needed beside it,
 * as every statement's principal is the account, narrowed by conditions.
 */
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { pin } from './pinned.ts';

/** Everything that keeps a key manageable, and no cryptographic operation. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

export interface KeyUse {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Default: the account, so that an IAM policy is needed besides. */
  readonly principal?: iam.IPrincipal;
}

/** What a use through S3, by these principals only, looks like. `aws:PrincipalArn` is the role's ARN also in a service's forwarded call. */
export function viaS3(sid: string, actions: readonly string[], principals: readonly string[]): KeyUse {
  return {
    sid,
    actions,
    conditions: {
      StringEquals: { 'kms:ViaService': viaService('s3') },
      ArnEquals: { 'aws:PrincipalArn': [...principals] },
    },
  };
}

export const viaService = (service: string): string => `${service}.${Aws.REGION}.amazonaws.com`;

export interface PolicedKeyProps {
  /** Logical id, and (lower-case) the last part of the alias. */
  readonly id: string;
  readonly alias: string;
  readonly description: string;
  readonly uses: readonly KeyUse[];
  readonly retained: boolean;
  /** For a signing key. Asymmetric keys never rotate: a new key is put behind the alias, and the old public key stays published. */
  readonly signing?: kms.KeySpec;
}

export function policedKey(scope: Construct, props: PolicedKeyProps): kms.Key {
  const account = new iam.AccountRootPrincipal();
  const statements = [
    new iam.PolicyStatement({
      sid: 'Administration',
      principals: [account],
      actions: ADMINISTRATION,
      resources: ['*'],
    }),
    ...props.uses.map(
      (use) =>
        new iam.PolicyStatement({
          sid: use.sid,
          principals: [use.principal ?? account],
          actions: [...use.actions],
          resources: ['*'],
          conditions: use.conditions,
        }),
    ),
  ];
  const key = new kms.Key(scope, props.id, {
    description: props.description,
    alias: props.alias,
    policy: new iam.PolicyDocument({ statements }),
    removalPolicy: props.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(props.retained ? 30 : 7),
    ...(props.signing
      ? { keySpec: props.signing, keyUsage: kms.KeyUsage.SIGN_VERIFY }
      : { enableKeyRotation: true, rotationPeriod: Duration.days(365) }),
  });
  return pin(key, props.id);
}
