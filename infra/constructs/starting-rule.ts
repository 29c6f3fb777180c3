/** A rule of the default bus that starts a state machine, and its role, which may start that machine and nothing else. */
import { Aws, Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Foundation } from '../foundation.ts';
import { policyOf } from './grant.ts';
import { pin } from './pinned.ts';
import { physicalName } from './state-machine.ts';

export interface StartingRuleProps {
  readonly name: string;
  readonly machine: sfn.StateMachine;
  readonly pattern: events.EventPattern;
  readonly deadLetters: sqs.Queue;
}

export function startingRule(scope: Construct, foundation: Foundation, props: StartingRuleProps): void {
  const { name, machine, pattern, deadLetters } = props;
  const { principals } = foundation;
  const ruleName = principals.name(physicalName(name));
  const role = new iam.Role(scope, `${name}RuleRole`, {
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
  const rule = new events.Rule(scope, `${name}Rule`, {
    ruleName,
    eventPattern: { account: [Aws.ACCOUNT_ID], ...pattern },
    targets: [
      new targets.SfnStateMachine(machine, {
        role: role.withoutPolicyUpdates(),
        deadLetterQueue: deadLetters,
        maxEventAge: Duration.hours(24),
        retryAttempts: 185,
      }),
    ],
  });
  pin(rule, `${name}Rule`);
}
