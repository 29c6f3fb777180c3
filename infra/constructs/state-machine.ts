/** A state machine with what belongs to it: its log, and a role that this machine alone makes the service take. */
import { Aws, type Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Foundation } from '../foundation.ts';
import { acknowledge } from './acknowledge.ts';
import { type Grant, keepReasons, policyOf } from './grant.ts';
import { pin } from './pinned.ts';

export interface StateMachineProps {
  /** Logical ids begin with it; in lower case, with hyphens, it is the machine's name. */
  readonly name: string;
  /** Of the construct, where it is not the name. */
  readonly id?: string;
  readonly definition: sfn.IChainable;
  /** ARNs of functions. */
  readonly invokes: readonly string[];
  /** What its role may do besides. */
  readonly grants?: readonly Grant[];
  readonly timeout: Duration;
}

/** In the scope itself, and not in a construct of its own: ids that CDK derives from the path stay what they are. */
export function stateMachine(scope: Construct, foundation: Foundation, props: StateMachineProps): sfn.StateMachine {
  const { config, principals, keys } = foundation;
  const { name } = props;
  const physical = principals.name(physicalName(name));
  // The prefix is what the service may write to without a resource policy per group.
  const logGroup = new logs.LogGroup(scope, `${name}Logs`, {
    logGroupName: `/aws/vendedlogs/states/${physical}`,
    encryptionKey: keys.operations,
    retention: config.retained ? logs.RetentionDays.ONE_YEAR : logs.RetentionDays.ONE_WEEK,
    removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  pin(logGroup, `${name}MachineLogGroup`);
  const grants = [...machineGrants(props.invokes), ...(props.grants ?? [])];
  const role = new iam.Role(scope, `${name}Role`, {
    roleName: physical,
    // Confused deputy: only this machine makes the service take this role.
    assumedBy: new iam.ServicePrincipal('states.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: {
          'aws:SourceArn': `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${physical}`,
        },
      },
    }),
    inlinePolicies: { access: policyOf(grants) },
  });
  keepReasons(role, grants);
  pin(role, `${name}MachineRole`);
  const machine = new sfn.StateMachine(scope, props.id ?? name, {
    stateMachineName: physical,
    stateMachineType: sfn.StateMachineType.STANDARD,
    queryLanguage: sfn.QueryLanguage.JSONATA,
    definitionBody: sfn.DefinitionBody.fromChainable(props.definition),
    timeout: props.timeout,
    role: role.withoutPolicyUpdates(),
    // Errors name a state and a code; execution data would hold the uploader's object key.
    logs: { destination: logGroup, level: sfn.LogLevel.ERROR, includeExecutionData: false },
    tracingEnabled: true,
  });
  // CDK's policy for Distributed Maps, which is attached to no role here: what it grants stands among our grants, more narrowly.
  machine.node.tryRemoveChild('DistributedMapPolicy');
  acknowledge(
    machine,
    'AwsSolutions-SF1',
    'Errors alone: what happened is in the audit log and the execution’s history, and a log of everything is a second copy.',
  );
  pin(machine, `${name}StateMachine`);
  acknowledgeChildren(machine);
  return machine;
}

/** CDK itself grants a machine with a Distributed Map what it needs of its own executions, whose names nobody knows before. */
function acknowledgeChildren(machine: sfn.StateMachine): void {
  const policy = machine.node.tryFindChild('DistributedMapPolicy');
  if (policy === undefined) return;
  const stack = Stack.of(machine);
  const executions = (suffix: string): string => {
    const own = JSON.stringify(stack.resolve(Fn.select(6, Fn.split(':', machine.stateMachineArn))));
    return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${own}${suffix}]`;
  };
  acknowledge(
    policy,
    [executions(':*'), executions('/partitions:*')],
    'Executions of this machine alone, and its children.',
  );
}

/** `SweepClosing` → `sweep-closing`. */
export const physicalName = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

function machineGrants(functionArns: readonly string[]): Grant[] {
  return [
    {
      sid: 'InvokeStages',
      because: 'the state machine, and nothing else in the account, invokes the stages',
      actions: ['lambda:InvokeFunction'],
      resources: functionArns,
    },
    {
      sid: 'DeliverLogs',
      because: 'log deliveries have no ARN: Step Functions asks for these on "*"',
      actions: [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
      resources: ['*'],
    },
    {
      sid: 'WriteTraces',
      because: 'X-Ray knows no resources',
      actions: [
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      resources: ['*'],
    },
  ];
}
