import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { DeploymentConfiguration } from '../config.ts';
import { DATA_OPERATIONS, SIDE_OPERATIONS } from './data-operations.ts';
import { type Grant, keepReasons, policyOf } from './grant.ts';
import { pin } from './pinned.ts';

export interface StageBoundaryProps {
  readonly config: DeploymentConfiguration;
  readonly name: (of: string) => string;
  readonly vpcId: string;
  /** ARNs of the tables that sweeps read whole. */
  readonly sides: readonly string[];
}

/**
 * The permissions boundary of every function's role: data plane only, in this account only. Whatever is added to a
 * role later, it reaches no IAM, no STS, no function, no state machine and no configuration of a bucket or key.
 */
export function stageBoundary(scope: Construct, { config, name, vpcId, sides }: StageBoundaryProps): iam.ManagedPolicy {
  const actions = Object.values(DATA_OPERATIONS).flat();
  const grants: Grant[] = [
    {
      sid: 'DataOfThisAccount',
      because: 'the operations that stages are made of; which stage does which on what is its own policy’s matter',
      actions,
      resources: ['*'],
      conditions: { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } },
    },
    ...(sides.length === 0
      ? []
      : [
          {
            sid: 'SidesOfSweeps',
            because: 'a table that is a side is read whole; no other table is',
            actions: SIDE_OPERATIONS,
            resources: sides,
          },
        ]),
    {
      sid: 'OnlyFromNetwork',
      because:
        'credentials of a function that are used anywhere but in its network are stolen; what S3 asks of KMS in its name is not',
      effect: 'Deny',
      actions: [...actions, ...(sides.length === 0 ? [] : SIDE_OPERATIONS)],
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
    ...config.partnerExportBuckets.map(
      (partner, index): Grant => ({
        sid: `PartnerBucket${index}`,
        because: 'a registered destination in another account',
        actions: ['s3:PutObject', 'kms:GenerateDataKey'],
        resources: [`arn:${Aws.PARTITION}:s3:::${partner.name}/*`, partner.keyArn],
      }),
    ),
  ];
  const boundary = new iam.ManagedPolicy(scope, 'StageBoundary', {
    managedPolicyName: name('stage-boundary'),
    description: 'Permissions boundary of every function of the flow',
    document: policyOf(grants),
  });
  keepReasons(boundary, grants);
  return pin(boundary, 'StageBoundary');
}

export const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
export const LOG_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
export const TRACE_ACTIONS = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
