/** Who did what to the data (trail), and what must wake somebody (alarms). */
import { Aws, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { acknowledge, ofPacks } from './constructs/acknowledge.ts';
import { auditTrail } from './constructs/audit-trail.ts';
import { dashboard } from './constructs/dashboard.ts';
import { detection } from './constructs/detection.ts';
import { FINDINGS_RULE, findingsRing, ringForFindings } from './constructs/findings.ts';
import { Investigation } from './constructs/investigation.ts';
import { pin } from './constructs/pinned.ts';
import { trailMetrics } from './constructs/trail-metrics.ts';
import { watched, watchedSweeps } from './constructs/watched.ts';
import type { Foundation } from './foundation.ts';
import { capital } from './principals.ts';
import type { Submission } from './submission.ts';
import type { Sweep } from './sweep.ts';

export interface OversightProps extends StackProps {
  readonly foundation: Foundation;
  readonly submission: Submission;
  /** Undefined while no sweep is configured. */
  readonly sweep?: Sweep | undefined;
}

export class Oversight extends Stack {
  readonly #foundation: Foundation;

  constructor(scope: Construct, id: string, props: OversightProps) {
    super(scope, id, props);
    this.#foundation = props.foundation;
    const trail = auditTrail(this, this.#foundation);
    new Investigation(this, 'Investigation', { foundation: this.#foundation, trail });
    this.#alarms(props, trailMetrics(this, this.#foundation, trail.logGroup));
    detection(this, this.#foundation.config.detection);
  }

  #alarms({ submission, sweep }: OversightProps, seen: ReturnType<typeof trailMetrics>): void {
    const { config, principals, keys } = this.#foundation;
    const topic = new sns.Topic(this, 'Alarms', {
      topicName: principals.name('alarms'),
      masterKey: keys.operations,
      enforceSSL: true,
    });
    pin(topic, 'AlarmTopic');
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'PublishAlarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (findingsRing(config)) ringForFindings(this, { topic, name: principals.name(FINDINGS_RULE) });
    if (config.alarmEmail) {
      const subscription = topic.addSubscription(new subscriptions.EmailSubscription(config.alarmEmail));
      acknowledge(
        subscription,
        ofPacks('SNSRedrivePolicy', 'Serverless'),
        'SNS tries a mail for six hours, and the alarm stays on the dashboard; parapet doctor says where nobody has confirmed. A queue of mails would be read by nobody.',
      );
    }
    const all = [
      ...watched(submission, seen, { stages: config.retained }),
      ...(sweep === undefined ? [] : watchedSweeps(sweep, config.sweeps)),
    ];
    const alarms = all.map(({ name, heading, metric, threshold, missingFor }) => {
      const alarm = new cloudwatch.Alarm(this, name, {
        alarmName: principals.name(name),
        alarmDescription: `docs/runbook.md#${heading ?? name}`,
        metric,
        threshold,
        evaluationPeriods: missingFor ?? 1,
        comparisonOperator:
          missingFor === undefined
            ? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
            : cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData:
          missingFor === undefined ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
      });
      pin(alarm, `${capital(name)}Alarm`);
      alarm.addAlarmAction(new actions.SnsAction(topic));
      return alarm;
    });
    dashboard(this, { foundation: this.#foundation, submission, trail: seen, alarms });
  }
}
