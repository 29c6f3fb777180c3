/** A secret's own policy: whoever is not named reads nothing, wherever a policy of theirs comes from. */
import { Aws, DefaultStackSynthesizer, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { pin } from './pinned.ts';

export interface GuardedSecretProps {
  /** Logical id of the policy. */
  readonly id: string;
  /** ARN of the secret. */
  readonly secret: string;
  /** Sid of the denial of everybody else. */
  readonly sid: string;
  /** ARNs of roles. */
  readonly readers: readonly string[];
  /** ARNs of the roles that write versions and move stages: rotations. Absent: whoever IAM lets, as people fill it in. */
  readonly writers?: readonly string[];
  readonly vpcId: string;
  readonly removal: RemovalPolicy;
}

/** What a rotation changes a value by. It is asked for by another operation. */
const WRITE = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'];

type Denial = readonly [sid: string, actions: string | string[], conditions: Record<string, Record<string, unknown>>];

const onlyFor = (writers: readonly string[]): Denial => [
  'DenyEverybodyButRotation',
  WRITE,
  { ArnNotEqualsIfExists: { 'aws:PrincipalArn': [...writers] } },
];

/**
 * `UpdateSecret` takes a value as well, and no rotation needs it; CloudFormation does, when a description or a key changes. Excepted is
 * the role by which CDK has it deploy, and no condition on `aws:CalledVia`: whoever may call Cloud Control would meet that one with a
 * value of his own, while this role is passed to CloudFormation alone, by whoever may replace the policy anyway.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
const onlyDeployed = (deployer: string): Denial => [
  'DenyUpdatesButDeployment',
  'secretsmanager:UpdateSecret',
  { ArnNotEqualsIfExists: { 'aws:PrincipalArn': deployer } },
];

/** CDK's name for it; `@aws-cdk/core:bootstrapQualifier` tells bootstraps apart. */
function deployerOf(scope: Construct): string {
  const qualifier = Stack.of(scope).synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-${qualifier}-cfn-exec-role-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
}

export function guardSecret(scope: Construct, props: GuardedSecretProps): void {
  const read = 'secretsmanager:GetSecretValue';
  const [only] = props.readers;
  const readers = props.readers.length === 1 ? only : [...props.readers];
  const denials: readonly Denial[] = [
    [props.sid, read, { ArnNotEqualsIfExists: { 'aws:PrincipalArn': readers } }],
    ...(props.writers === undefined ? [] : [onlyFor(props.writers), onlyDeployed(deployerOf(scope))]),
    [
      'DenyOutsideNetwork',
      props.writers === undefined ? read : [read, ...WRITE],
      { StringNotEqualsIfExists: { 'aws:SourceVpc': props.vpcId } },
    ],
    ['DenyOtherAccounts', 'secretsmanager:*', { StringNotEqualsIfExists: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } }],
  ];
  const statements = denials.map(
    ([sid, actions, conditions]) =>
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [actions].flat(),
        resources: ['*'],
        conditions,
      }),
  );
  const policy = new secretsmanager.CfnResourcePolicy(scope, props.id, {
    secretId: props.secret,
    resourcePolicy: new iam.PolicyDocument({ statements }),
    blockPublicPolicy: true,
  });
  pin(policy, props.id, props.removal);
}
