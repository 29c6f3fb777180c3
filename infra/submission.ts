/** Upload event → state machine of the four boundaries and the seal. Nothing here is stateful: it may be replaced at will. */

import { join } from 'node:path';
import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type Actor, STAGES } from '../shared/names.ts';
import { custodyAccess } from './access/custody.ts';
import { egressAccess } from './access/egress.ts';
import { ingestionAccess } from './access/ingestion.ts';
import { processingAccess } from './access/processing.ts';
import { reconciliationAccess } from './access/reconciliation.ts';
import { sealAccess } from './access/seal.ts';
import { acknowledge, ofPacks } from './constructs/acknowledge.ts';
import { BoundaryFunction, type StageAccess } from './constructs/boundary-function.ts';
import { ClosingMachine, UNSEALED } from './constructs/closing-machine.ts';
import { CUSTODIAN_INVOKES, CustodianMachine } from './constructs/custodian-machine.ts';
import { FlowMachine } from './constructs/flow-machine.ts';
import { type Grant, keepReasons, policyOf } from './constructs/grant.ts';
import { pin } from './constructs/pinned.ts';
import type { Foundation } from './foundation.ts';
import { ACTORS, capital } from './principals.ts';

/** What each function may do, and its memory in MiB (ingestion parses and tokenises; processing runs a sandbox). */
const FUNCTIONS: Readonly<Record<Actor, { access: (foundation: Foundation) => StageAccess; memory: number }>> = {
  ingestion: { access: ingestionAccess, memory: 1769 },
  reconciliation: { access: reconciliationAccess, memory: 1024 },
  processing: { access: processingAccess, memory: 1769 },
  egress: { access: egressAccess, memory: 1024 },
  seal: { access: sealAccess, memory: 1024 },
  custody: { access: custodyAccess, memory: 1024 },
};

/** A run of a million records takes minutes; what takes longer than this is stuck, and is sealed as timed out. */
const FLOW_TIMEOUT = Duration.hours(6);

export interface SubmissionProps extends StackProps {
  readonly foundation: Foundation;
  /** Folder with a bundle per actor. */
  readonly bundles: string;
}

export class Submission extends Stack {
  readonly functions: Readonly<Record<Actor, lambda.Function>>;
  readonly flow: sfn.StateMachine;
  /** Release and discard, as the operator asks for them. */
  readonly custodian: sfn.StateMachine;
  readonly closing: sfn.StateMachine;
  readonly deadLetters: sqs.Queue;
  readonly #foundation: Foundation;

  constructor(scope: Construct, id: string, props: SubmissionProps) {
    super(scope, id, props);
    const { foundation, bundles } = props;
    this.#foundation = foundation;
    this.functions = Object.fromEntries(
      ACTORS.map((stage) => {
        const { access, memory } = FUNCTIONS[stage];
        const code = join(bundles, stage);
        const made = new BoundaryFunction(this, capital(stage), {
          stage,
          foundation,
          access: access(foundation),
          code,
          memory,
        });
        return [stage, made.function];
      }),
    ) as Record<Actor, lambda.Function>;
    this.deadLetters = this.#deadLetters();
    this.flow = this.#machine('Submission', {
      definition: new FlowMachine(this, 'Boundaries', this.functions).definition,
      invokes: STAGES,
      timeout: FLOW_TIMEOUT,
    });
    this.custodian = this.#machine('Custodian', {
      definition: new CustodianMachine(this, 'Custodianship', this.functions).definition,
      invokes: CUSTODIAN_INVOKES,
      timeout: FLOW_TIMEOUT,
    });
    const machines = { upload: this.flow.stateMachineArn, custody: this.custodian.stateMachineArn };
    this.closing = this.#machine('Closing', {
      definition: new ClosingMachine(this, 'LateSeal', this.functions.seal, machines).definition,
      invokes: ['seal'],
      timeout: Duration.hours(2),
    });
    new CfnOutput(this, 'StateMachineArn', { value: this.flow.stateMachineArn });
    new CfnOutput(this, 'CustodianStateMachineArn', { value: this.custodian.stateMachineArn });
    this.#rule('Landing', this.flow, {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [foundation.buckets.landing.bucketName] } },
    });
    this.#rule('Unsealed', this.closing, {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { status: Object.keys(UNSEALED), stateMachineArn: Object.values(machines) },
    });
  }

  #machine(
    name: 'Submission' | 'Custodian' | 'Closing',
    props: { readonly definition: sfn.IChainable; readonly invokes: readonly Actor[]; readonly timeout: Duration },
  ): sfn.StateMachine {
    const { config, principals, keys } = this.#foundation;
    const physical = principals.name(name.toLowerCase());
    // The prefix is what the service may write to without a resource policy per group.
    const logGroup = new logs.LogGroup(this, `${name}Logs`, {
      logGroupName: `/aws/vendedlogs/states/${physical}`,
      encryptionKey: keys.operations,
      retention: config.retained ? logs.RetentionDays.ONE_YEAR : logs.RetentionDays.ONE_WEEK,
      removalPolicy: config.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    pin(logGroup, `${name}MachineLogGroup`);
    const grants = machineGrants(props.invokes.map((actor) => this.functions[actor].functionArn));
    const role = new iam.Role(this, `${name}Role`, {
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
    const machine = new sfn.StateMachine(this, name === 'Submission' ? 'Flow' : name, {
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
    acknowledge(
      machine,
      'AwsSolutions-SF1',
      'Errors alone: what happened is in the audit log and the execution’s history, and a log of everything is a second copy.',
    );
    return pin(machine, `${name}StateMachine`);
  }

  /**
   * Events that reached no execution: an upload here is one that nobody has looked at. Encrypted by SQS itself, so that
   * EventBridge needs no grant on a key whose absence would lose the very event.
   */
  #deadLetters(): sqs.Queue {
    const queue = new sqs.Queue(this, 'DeadLetters', {
      queueName: this.#foundation.principals.name('dead-letters'),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(
      queue,
      ['AwsSolutions-SQS3', ...ofPacks('SQSRedrivePolicy', 'Serverless')],
      'It is the dead-letter queue, of EventBridge’s rules.',
    );
    return pin(queue, 'DeadLetterQueue');
  }

  #rule(name: 'Landing' | 'Unsealed', machine: sfn.StateMachine, pattern: events.EventPattern): void {
    const { principals } = this.#foundation;
    const ruleName = principals.name(name.toLowerCase());
    const role = new iam.Role(this, `${name}RuleRole`, {
      roleName: `${ruleName}-rule`,
      assumedBy: new iam.ServicePrincipal('events.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/${ruleName}`,
          },
        },
      }),
      inlinePolicies: {
        access: policyOf([
          {
            sid: 'StartExecution',
            because: 'the rule starts this machine and nothing else',
            actions: ['states:StartExecution'],
            resources: [machine.stateMachineArn],
          },
        ]),
      },
    });
    pin(role, `${name}RuleRole`);
    const rule = new events.Rule(this, `${name}Rule`, {
      ruleName,
      eventPattern: { account: [Aws.ACCOUNT_ID], ...pattern },
      targets: [
        new targets.SfnStateMachine(machine, {
          role: role.withoutPolicyUpdates(),
          deadLetterQueue: this.deadLetters,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    pin(rule, `${name}Rule`);
  }
}

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
