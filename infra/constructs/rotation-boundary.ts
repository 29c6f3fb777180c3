import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type DeploymentConfiguration, rotatesDatabases } from '../config.ts';
import type { Principals } from '../principals.ts';
import { type Grant, keepReasons, policyOf } from './grant.ts';
import { pin } from './pinned.ts';
import { INTERFACE_ACTIONS, LOG_ACTIONS, TRACE_ACTIONS } from './stage-boundary.ts';

/** What rotating a secret is made of. Reading it is what stages do as well; the rest is nobody else’s. */
export const ROTATION_OPERATIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];
const SECRET_ACTIONS = ['secretsmanager:GetSecretValue', ...ROTATION_OPERATIONS];
const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

export interface RotationBoundaryProps {
  readonly principals: Principals;
  readonly vpcId: string;
}

/** The permissions boundary of functions that rotate: secrets of this account and their key, from inside the network. */
export function rotationBoundary(scope: Construct, { principals, vpcId }: RotationBoundaryProps): iam.ManagedPolicy {
  const grants: Grant[] = [
    {
      sid: 'SecretsOfThisAccount',
      because: 'reading, writing and staging a version; which secret is each function’s own policy’s matter',
      actions: [...SECRET_ACTIONS, ...KEY_ACTIONS],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } },
    },
    {
      sid: 'OnlyFromNetwork',
      because:
        'credentials of a function that are used anywhere but in its network are stolen; what Secrets Manager asks of KMS in its name is not',
      effect: 'Deny',
      actions: [...SECRET_ACTIONS, ...KEY_ACTIONS],
      resources: ['*'],
      conditions: {
        StringNotEqualsIfExists: { 'aws:SourceVpc': vpcId },
        BoolIfExists: { 'aws:ViaAWSService': 'false' },
      },
    },
    {
      sid: 'LambdaItself',
      because: 'Lambda makes network interfaces, log streams and trace segments in the name of the function’s role',
      actions: [...INTERFACE_ACTIONS, ...LOG_ACTIONS, ...TRACE_ACTIONS],
      resources: ['*'],
    },
  ];
  const boundary = new iam.ManagedPolicy(scope, 'RotationBoundary', {
    managedPolicyName: principals.name('rotation-boundary'),
    description: 'Permissions boundary of every function that rotates secrets',
    document: policyOf(grants),
  });
  keepReasons(boundary, grants);
  return pin(boundary, 'RotationBoundary');
}

/** What the endpoint of Secrets Manager lets through besides reading: to functions that rotate, and to them alone. */
export function rotationThroughDoor(roleArns: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'RotateSecrets',
    principals: [new iam.AnyPrincipal()],
    actions: ROTATION_OPERATIONS,
    resources: ['*'],
    conditions: {
      StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID },
      ArnEquals: { 'aws:PrincipalArn': [...roleArns] },
    },
  });
}

export const rotationRoles = (
  name: (of: string) => string,
  config: Pick<DeploymentConfiguration, 'sweeps' | 'connections'>,
): string[] =>
  ['salt-rotation', ...(rotatesDatabases(config) ? ['database-rotation'] : [])].map(
    (rotation) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${name(rotation)}`,
  );
