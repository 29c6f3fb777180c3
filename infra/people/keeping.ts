/** Deeds on what decides who may do what: reading it, and mending it. */
import { Aws } from 'aws-cdk-lib';
import type { Grant } from '../constructs/grant.ts';
import type { Deed } from './matrix.ts';
import { bucketArns, type DeedProps, keyArns, regional, tableArns } from './props.ts';

export function keepingDeeds(props: DeedProps) {
  const { principals, tokenSalts } = props;
  const roles = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${principals.name('*')}`;
  const because = 'what a policy says is compared with what the templates say';
  const mending =
    'a policy that locks everybody out, or has to lock somebody out at once, is changed here; deployments put it back';
  return {
    readConfiguration: [
      {
        sid: 'ReadRoles',
        because,
        actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies'],
        resources: [roles],
      },
      {
        sid: 'ReadKeyPolicies',
        because,
        actions: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus'],
        resources: keyArns(props),
      },
      {
        sid: 'ReadBucketPolicies',
        because,
        actions: [
          's3:GetBucketObjectLockConfiguration',
          's3:GetBucketPolicy',
          's3:GetBucketVersioning',
          's3:GetEncryptionConfiguration',
        ],
        resources: bucketArns(props),
      },
      {
        sid: 'ReadTablePolicies',
        because,
        actions: ['dynamodb:DescribeTable', 'dynamodb:GetResourcePolicy'],
        resources: tableArns(props),
      },
      {
        sid: 'ReadSecretPolicies',
        because: 'when a secret was rotated, and who may read it; never its value',
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetResourcePolicy'],
        resources: [tokenSalts],
      },
      {
        sid: 'ReadTrailStatus',
        because: 'whether the trail records, and since when',
        actions: ['cloudtrail:GetTrailStatus'],
        resources: [regional('cloudtrail', `trail/${principals.name('trail')}`)],
      },
    ],
    mendPolicies: [
      {
        sid: 'MendRoles',
        because: mending,
        actions: [
          'iam:DeleteRolePolicy',
          'iam:GetRole',
          'iam:GetRolePolicy',
          'iam:ListRolePolicies',
          'iam:PutRolePolicy',
        ],
        resources: [roles],
      },
      {
        sid: 'MendKeys',
        because: mending,
        actions: ['kms:GetKeyPolicy', 'kms:PutKeyPolicy'],
        resources: keyArns(props),
      },
      {
        sid: 'MendBuckets',
        because: mending,
        actions: ['s3:GetBucketPolicy', 's3:PutBucketPolicy'],
        resources: bucketArns(props),
      },
      {
        sid: 'MendTables',
        because: mending,
        actions: ['dynamodb:GetResourcePolicy', 'dynamodb:PutResourcePolicy'],
        resources: tableArns(props),
      },
      {
        sid: 'MendSecrets',
        because: mending,
        actions: ['secretsmanager:GetResourcePolicy', 'secretsmanager:PutResourcePolicy'],
        resources: [tokenSalts],
      },
    ],
  } satisfies Partial<Record<Deed, readonly Grant[]>>;
}
