/** A secret's own policy: whoever is not named reads nothing, wherever a policy of theirs comes from. */
import { Aws, type RemovalPolicy } from 'aws-cdk-lib';
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

/** What changes a value. CloudFormation changes descriptions and keys by another operation, and a rotation is asked for by another. */
const WRITE = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'];

type Denial = readonly [sid: string, actions: string | string[], conditions: Record<string, Record<string, unknown>>];

const onlyFor = (writers: readonly string[]): Denial => [
  'DenyEverybodyButRotation',
  WRITE,
  { ArnNotEqualsIfExists: { 'aws:PrincipalArn': [...writers] } },
];

export function guardSecret(scope: Construct, props: GuardedSecretProps): void {
  const read = 'secretsmanager:GetSecretValue';
  const [only] = props.readers;
  const readers = props.readers.length === 1 ? only : [...props.readers];
  const denials: readonly Denial[] = [
    [props.sid, read, { ArnNotEqualsIfExists: { 'aws:PrincipalArn': readers } }],
    ...(props.writers === undefined ? [] : [onlyFor(props.writers)]),
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
