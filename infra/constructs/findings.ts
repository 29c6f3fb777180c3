/** What GuardDuty and Security Hub find, on its way to whoever hears the alarms. */
import { Aws } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { DeploymentConfiguration } from '../config.ts';
import { acknowledge, ofPacks } from './acknowledge.ts';
import { pin } from './pinned.ts';

/** Last part of the rule's name: the topic's policy and its key's name the rule. */
export const FINDINGS_RULE = 'findings';

export const findingsRing = ({ detection }: DeploymentConfiguration): boolean =>
  detection.findings ?? (detection.guardDuty || detection.securityHub);

export const ruleArn = (name: string): string =>
  `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/${name}`;

/** GuardDuty's "medium" begins at 4; of Security Hub, what is new and grave. */
const PATTERN = {
  account: [Aws.ACCOUNT_ID],
  source: ['aws.guardduty', 'aws.securityhub'],
  'detail-type': ['GuardDuty Finding', 'Security Hub Findings - Imported'],
  detail: {
    $or: [
      { severity: [{ numeric: ['>=', 4] }] },
      {
        findings: {
          Severity: { Label: ['HIGH', 'CRITICAL'] },
          RecordState: ['ACTIVE'],
          Workflow: { Status: ['NEW'] },
        },
      },
    ],
  },
};

/** Kind, place and id: titles and resources of a finding name addresses and people, and a mail goes anywhere. */
const MESSAGE = {
  inputPathsMap: {
    source: '$.source',
    account: '$.account',
    region: '$.region',
    kind: '$.detail.type',
    id: '$.detail.id',
    rule: '$.detail.findings[0].GeneratorId',
  },
  inputTemplate:
    '"A finding of <source> in <account>, <region>: <kind><rule> <id>. What to do: docs/runbook.md#threat-found"',
};

/**
 * By the topic's own policy, not by a role: a topic that is encrypted under a key of ours may not get what comes by a role
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
 */
export function ringForFindings(scope: Construct, { topic, name }: { topic: sns.Topic; name: string }): void {
  const rule = new events.CfnRule(scope, 'FindingsRule', {
    name,
    description: 'What GuardDuty and Security Hub find goes to the alarms',
    state: 'ENABLED',
    eventPattern: PATTERN,
    targets: [{ id: 'Alarms', arn: topic.topicArn, inputTransformer: MESSAGE }],
  });
  pin(rule, 'FindingsRule');
  acknowledge(
    rule,
    ofPacks('EventBusDLQ', 'Serverless'),
    'EventBridge tries for a day, and what could not be published stays where it was found: GuardDuty and Security Hub keep findings for 90 days.',
  );
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'PublishFindings',
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      // Confused deputy: this rule's events only.
      conditions: { ArnEquals: { 'aws:SourceArn': ruleArn(name) } },
    }),
  );
}
