/** One stage's function and everything that sets it apart: role, boundary, security group, log group. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENVIRONMENT, type EnvironmentName } from '../../shared/environment.ts';
import type { Actor, RotationActor, SweepActor } from '../../shared/names.ts';
import type { Foundation } from '../foundation.ts';
import { capital } from '../principals.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { type Grant, keepReasons, policyOf } from './grant.ts';
import { pin } from './pinned.ts';
import { INTERFACE_ACTIONS, LOG_ACTIONS, TRACE_ACTIONS } from './stage-boundary.ts';

/** What a stage is allowed and told. Written per stage in infra/access/. */
export interface StageAccess {
  readonly grants: readonly Grant[];
  readonly environment: Readonly<Partial<Record<EnvironmentName, string>>>;
  /** Interface endpoints that the stage calls. */
  readonly doors: readonly ('kms' | 'secretsmanager')[];
  /** Databases that it reads: where, and on which port alone. */
  readonly databases?: readonly { readonly name: string; readonly peer: ec2.IPeer; readonly port: number }[];
}

export interface BoundaryFunctionProps {
  readonly stage: Actor | SweepActor | RotationActor;
  readonly foundation: Foundation;
  readonly access: StageAccess;
  /** Folder with `index.mjs`. */
  readonly code: string;
  /** MiB; a function gets one whole processor at 1769. */
  readonly memory: number;
  /** Default: the longest that Lambda allows. */
  readonly timeout?: Duration;
  /** Default: that of the stages. */
  readonly boundary?: iam.IManagedPolicy;
  /** Whether it may leave for S3 and DynamoDB. Default: yes. */
  readonly reachesStorage?: boolean;
}

/** The longest that Lambda allows: a stage answers `continued` before it. */
export const STAGE_TIMEOUT = Duration.minutes(15);

export class BoundaryFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: BoundaryFunctionProps) {
    super(scope, id);
    const { stage, foundation } = props;
    const { config, principals, network } = foundation;
    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/parapet/${config.deployment}/${stage}`,
      encryptionKey: foundation.keys.operations,
      retention: config.retained ? logs.RetentionDays.ONE_YEAR : logs.RetentionDays.ONE_WEEK,
      removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    pin(logGroup, `${capital(stage)}LogGroup`);
    const grants = [...props.access.grants, ...ownGrants(logGroup, principals.name(stage))];
    const role = new iam.Role(this, 'Role', {
      roleName: principals.name(stage),
      description: `Parapet ${config.deployment}: ${stage}`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      permissionsBoundary: props.boundary ?? foundation.boundary,
      inlinePolicies: { access: policyOf(grants) },
    });
    keepReasons(role, grants);
    pin(role, `${capital(stage)}Role`);
    acknowledge(
      role,
      ofPacks('LambdaStarPermissions', 'Serverless'),
      'The rule looks at the role as a whole: X-Ray and network interfaces know no resources. AwsSolutions-IAM5 looks at each statement, and each has its reason in the metadata.',
    );
    this.function = new lambda.Function(this, 'Function', {
      functionName: principals.name(stage),
      description: `Parapet ${config.deployment}: ${stage}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(props.code),
      memorySize: props.memory,
      timeout: props.timeout ?? STAGE_TIMEOUT,
      // Everything a role may do stands in one place; CDK adds nothing behind it.
      role: role.withoutPolicyUpdates(),
      vpc: network.vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      securityGroups: [this.#group(props)],
      logGroup,
      // Not Lambda's JSON format: it wraps every line that goes through `console` into a message of its own, and CloudWatch
      // would find no metric in it. The lines are JSON already (functions/runtime/logger.ts).
      loggingFormat: lambda.LoggingFormat.TEXT,
      tracing: lambda.Tracing.ACTIVE,
      environment: named(props.access.environment),
    });
    pin(this.function, `${capital(stage)}Function`);
    acknowledge(
      this.function,
      ofPacks('LambdaDLQ', 'HIPAA.Security', 'NIST.800.53.R5', 'Serverless'),
      'A dead-letter queue takes asynchronous invocations. Only the state machine invokes a stage, and waits for it: what fails is caught there, and sealed.',
    );
    acknowledge(
      this.function,
      ofPacks('LambdaConcurrency', 'HIPAA.Security', 'NIST.800.53.R5'),
      'Reserved concurrency is taken from everybody else in the account, and a new account (10 in all) can reserve none: the deployment would fail. A throttled stage is retried by the state machine, with an alarm.',
    );
  }

  /** Nothing comes in: Lambda is invoked beside the network, not through it. */
  #group({ stage, foundation, access, reachesStorage = true }: BoundaryFunctionProps): ec2.SecurityGroup {
    const { network, config } = foundation;
    const group = new ec2.SecurityGroup(this, 'Group', {
      vpc: network.vpc,
      description: `Parapet ${config.deployment}: ${stage}`,
      allowAllOutbound: false,
    });
    pin(group, `${capital(stage)}Group`);
    const { prefixLists } = config.network;
    if (reachesStorage && prefixLists) {
      group.addEgressRule(ec2.Peer.prefixList(prefixLists.s3), ec2.Port.tcp(443), 'S3');
      group.addEgressRule(ec2.Peer.prefixList(prefixLists.dynamodb), ec2.Port.tcp(443), 'DynamoDB');
    } else if (reachesStorage) {
      // A gateway endpoint's prefix list has another id in every region, and cannot be looked up without an account.
      // "Anywhere" is where routes lead, and the only routes are this network and the two gateway endpoints.
      group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'Wherever a route leads: the gateway endpoints');
    }
    for (const { name, peer, port } of access.databases ?? []) group.addEgressRule(peer, ec2.Port.tcp(port), name);
    for (const service of access.doors) {
      const door = network.doors[service];
      group.addEgressRule(ec2.Peer.securityGroupId(door.securityGroupId), ec2.Port.tcp(443), service);
      // As a resource of this stack: CDK would put the rule beside the endpoint, and make the stacks need each other.
      new ec2.CfnSecurityGroupIngress(this, `Enter${service}`, {
        groupId: door.securityGroupId,
        sourceSecurityGroupId: group.securityGroupId,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: stage,
      });
    }
    return group;
  }
}

function named(environment: StageAccess['environment']): Record<string, string> {
  const entries = Object.entries(ENVIRONMENT).flatMap(([name, variable]) => {
    const value = name in environment ? environment[name as EnvironmentName] : undefined;
    return value === undefined ? [] : [[variable, value] as const];
  });
  return Object.fromEntries(entries);
}

/** What Lambda itself does in the name of the role: the parts of AWSLambdaVPCAccessExecutionRole, without its wildcards. */
function ownGrants(logGroup: logs.ILogGroup, functionName: string): Grant[] {
  return [
    {
      sid: 'WriteLogs',
      because: 'Lambda writes the function’s log with the function’s role',
      actions: LOG_ACTIONS,
      resources: [`${logGroup.logGroupArn}`],
    },
    {
      sid: 'WriteTraces',
      because: 'X-Ray knows no resources: its two writing operations are granted on "*" or not at all',
      actions: TRACE_ACTIONS,
      resources: ['*'],
    },
    {
      sid: 'AttachToNetwork',
      because:
        'Lambda checks these on "*" when a function in a VPC is created; the next statement takes them from the code',
      actions: INTERFACE_ACTIONS,
      resources: ['*'],
    },
    {
      sid: 'DetachCodeFromNetwork',
      because: 'only Lambda may handle network interfaces: a call that comes from inside the function carries its ARN',
      effect: 'Deny',
      actions: INTERFACE_ACTIONS,
      resources: ['*'],
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': [`arn:*:lambda:*:*:function:${functionName}`] } },
    },
  ];
}
