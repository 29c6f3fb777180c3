/** Schedule → state machine with a Distributed Map: plan, hash, compare, locate, report. Nothing here is stateful: it may be replaced at will. */
import { join } from 'node:path';
import { Aws, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { SWEEP_EVENT, SWEEP_MEMORY_MIB, SWEEP_STEPS, type SweepStep, sweepActor } from '../shared/names.ts';
import { databaseRotationAccess, rotatedConnections } from './access/database-rotation.ts';
import { sweepAccess } from './access/sweep.ts';
import { BoundaryFunction } from './constructs/boundary-function.ts';
import { deadLetterQueue } from './constructs/dead-letters.ts';
import { type Grant, keepReasons, policyOf } from './constructs/grant.ts';
import { throughS3 } from './constructs/key-grants.ts';
import { pin } from './constructs/pinned.ts';
import { Rotation } from './constructs/rotation.ts';
import { startingRule } from './constructs/starting-rule.ts';
import { stateMachine } from './constructs/state-machine.ts';
import { SweepClosingMachine, SweepMachine, UNREPORTED } from './constructs/sweep-machine.ts';
import type { SweepStorage } from './constructs/sweep-storage.ts';
import type { Foundation } from './foundation.ts';
import { capital, SWEEP_MACHINE } from './principals.ts';

/** A billion rows take hours; what takes longer than this is stuck, and is reported as timed out. */
const TIMEOUT = Duration.hours(24);
/** A schedule that could not start its sweep for so long leaves it to the next. */
const EVENT_AGE = Duration.hours(2);

export interface SweepProps extends StackProps {
  readonly foundation: Foundation;
  /** Folder with a bundle per actor. */
  readonly bundles: string;
}

export class Sweep extends Stack {
  readonly functions: Readonly<Record<SweepStep, lambda.Function>>;
  readonly machine: sfn.StateMachine;
  readonly closing: sfn.StateMachine;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: SweepProps) {
    super(scope, id, props);
    const { foundation, bundles } = props;
    const storage = foundation.sweep;
    if (storage === undefined) throw new Error('no sweep is configured');
    this.functions = Object.fromEntries(
      SWEEP_STEPS.map((step) => {
        const actor = sweepActor(step);
        const made = new BoundaryFunction(this, capital(actor), {
          stage: actor,
          foundation,
          access: sweepAccess[step]({ foundation, storage }),
          code: join(bundles, actor),
          memory: SWEEP_MEMORY_MIB[step],
        });
        return [step, made.function];
      }),
    ) as Record<SweepStep, lambda.Function>;
    const rotated = rotatedConnections(foundation.config, storage);
    if (rotated.length > 0) {
      new Rotation(this, 'DatabaseRotation', {
        actor: 'database-rotation',
        foundation,
        access: databaseRotationAccess(foundation, rotated),
        code: join(bundles, 'database-rotation'),
        secrets: Object.fromEntries(rotated.map(({ name, secret }) => [`Database${capital(name)}`, secret])),
      });
    }
    this.deadLetters = deadLetterQueue(this, foundation, {
      id: 'DeadLetters',
      logicalId: 'SweepDeadLetterQueue',
      name: 'sweep-dead-letters',
    });
    this.machine = stateMachine(this, foundation, {
      name: 'Sweep',
      definition: new SweepMachine(this, 'Steps', this.functions, storage.bucket).definition,
      invokes: SWEEP_STEPS.map((step) => this.functions[step].functionArn),
      grants: machineGrants(foundation, storage),
      timeout: TIMEOUT,
    });
    this.closing = stateMachine(this, foundation, {
      name: 'SweepClosing',
      definition: new SweepClosingMachine(this, 'LateReport', this.functions.report).definition,
      invokes: [this.functions.report.functionArn],
      grants: [tell()],
      timeout: Duration.hours(2),
    });
    startingRule(this, foundation, {
      name: 'Unreported',
      machine: this.closing,
      pattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: Object.keys(UNREPORTED), stateMachineArn: [this.machine.stateMachineArn] },
      },
      deadLetters: this.deadLetters,
    });
    this.#schedules(foundation);
    new CfnOutput(this, 'SweepMachineArn', { value: this.machine.stateMachineArn });
  }

  #schedules({ config, principals }: Foundation): void {
    const groupName = principals.name('sweeps');
    const group = pin(new scheduler.CfnScheduleGroup(this, 'Schedules', { name: groupName }), 'SweepScheduleGroup');
    const grants: Grant[] = [
      {
        sid: 'StartSweep',
        because: 'a schedule starts sweeps and nothing else',
        actions: ['states:StartExecution'],
        resources: [this.machine.stateMachineArn],
      },
      {
        sid: 'BuryDue',
        because: 'Scheduler sends what it could not deliver with the role of the schedule',
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetters.queueArn],
      },
    ];
    const role = new iam.Role(this, 'ScheduleRole', {
      roleName: principals.name('sweep-schedule'),
      // Confused deputy: Scheduler names the group as the source, never the single schedule.
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Aws.ACCOUNT_ID,
            'aws:SourceArn': `arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule-group/${groupName}`,
          },
        },
      }),
      inlinePolicies: { access: policyOf(grants) },
    });
    keepReasons(role, grants);
    pin(role, 'SweepScheduleRole');
    for (const [dataset, { schedule }] of Object.entries(config.sweeps)) {
      if (schedule === undefined) continue;
      const made = new scheduler.CfnSchedule(this, `Due${capital(dataset)}`, {
        name: dataset,
        groupName: group.ref,
        description: `Sweeps ${dataset}`,
        scheduleExpression: schedule,
        scheduleExpressionTimezone: 'UTC',
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          // A universal target, because the templated one cannot name the execution: by its name a repeated delivery starts nothing twice.
          arn: `arn:${Aws.PARTITION}:scheduler:::aws-sdk:sfn:startExecution`,
          roleArn: role.roleArn,
          input: this.toJsonString({
            StateMachineArn: this.machine.stateMachineArn,
            Name: 'sweep-<aws.scheduler.execution-id>',
            Input: JSON.stringify({ dataset }),
          }),
          retryPolicy: { maximumEventAgeInSeconds: EVENT_AGE.toSeconds(), maximumRetryAttempts: 185 },
          deadLetterConfig: { arn: this.deadLetters.queueArn },
        },
      });
      pin(made, `Sweep${capital(dataset)}Schedule`);
    }
  }
}

function machineGrants({ principals }: Foundation, { bucket, key }: SweepStorage): Grant[] {
  const name = principals.name(SWEEP_MACHINE);
  const states = (kind: string): string =>
    `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${kind}:${name}`;
  return [
    {
      sid: 'ReadPartitions',
      because: 'the Distributed Map reads its list as the machine’s role, from outside the network: sides and ordinals',
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects('items/*')],
    },
    throughS3('OpenPartitions', 'the list is encrypted as everything that passes between the steps', {
      actions: ['kms:Decrypt'],
      key,
      bucket,
    }),
    {
      sid: 'StartChildren',
      because: 'every partition is an execution of its own',
      actions: ['states:StartExecution'],
      resources: [states('stateMachine')],
    },
    {
      sid: 'WatchChildren',
      // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html; the ARN of a child has the map’s label after a slash.
      because: 'the Distributed Map follows its children, and stops them when one of them cannot be read',
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [`${states('execution')}:*`, `${states('execution')}/*`],
    },
    tell(),
  ];
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html */
function tell(): Grant {
  return {
    sid: 'TellVerdict',
    because: 'how a sweep ended, to whoever has a rule for it',
    actions: ['events:PutEvents'],
    resources: [`arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`],
    conditions: {
      StringEquals: { 'events:source': SWEEP_EVENT.source, 'events:detail-type': SWEEP_EVENT.detailType },
    },
  };
}
