/** Who did what to the data (trail), and what must wake somebody (alarms). */
import { Aws, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { guardedBucket } from './constructs/guarded-bucket.ts';
import { policedKey, viaS3 } from './constructs/keys.ts';
import { pin } from './constructs/pinned.ts';
import type { Foundation } from './foundation.ts';
import { ACTORS } from './principals.ts';
import type { Submission } from './submission.ts';

export interface OversightProps extends StackProps {
  readonly foundation: Foundation;
  readonly submission: Submission;
}

export class Oversight extends Stack {
  readonly #foundation: Foundation;

  constructor(scope: Construct, id: string, props: OversightProps) {
    super(scope, id, props);
    this.#foundation = props.foundation;
    this.#trail();
    this.#alarms(props.submission);
  }

  #trail(): void {
    const { config, principals, buckets, network } = this.#foundation;
    const trailName = principals.name('trail');
    // As text: the bucket's and the key's policies name the trail, and the trail needs both.
    const trailArn = `arn:${Aws.PARTITION}:cloudtrail:${Aws.REGION}:${Aws.ACCOUNT_ID}:trail/${trailName}`;
    const service = new iam.ServicePrincipal('cloudtrail.amazonaws.com');
    const key = this.#trailKey(service, trailArn);
    const bucket = guardedBucket(this, {
      config,
      id: 'TrailBucket',
      key,
      inside: { roles: principals.roleArns(ACTORS), vpcId: network.vpc.vpcId },
      lifecycle: [],
      lock: { mode: config.audit.retentionMode, days: config.audit.retentionDays },
    });
    admitTrail(bucket, service, trailArn);
    const trail = new cloudtrail.CfnTrail(this, 'CloudTrail', {
      trailName,
      s3BucketName: bucket.bucketName,
      kmsKeyId: key.keyArn,
      isLogging: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      advancedEventSelectors: [
        { name: 'Management', fieldSelectors: [{ field: 'eventCategory', equalTo: ['Management'] }] },
        {
          name: 'Objects of the flow',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Data'] },
            { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
            {
              field: 'resources.ARN',
              startsWith: [
                buckets.landing,
                buckets.working,
                buckets.vault,
                buckets.quarantine,
                buckets.exports,
                buckets.audit,
              ].map((each) => each.arnForObjects('')),
            },
          ],
        },
      ],
    });
    pin(trail, 'Trail');
    // CloudTrail tries the bucket when the trail is created: the policy has to be there.
    if (bucket.policy) trail.node.addDependency(bucket.policy);
  }

  /** CDK would add no statement for the service: without these CreateTrail fails. */
  #trailKey(service: iam.ServicePrincipal, trailArn: string): kms.Key {
    const { config, principals } = this.#foundation;
    return policedKey(this, {
      id: 'TrailKey',
      alias: `parapet/${config.deployment}/trail`,
      description: `Parapet ${config.deployment}: CloudTrail's log files`,
      retained: config.retained,
      uses: [
        {
          sid: 'EncryptLogFiles',
          principal: service,
          actions: ['kms:GenerateDataKey'],
          // The source is enough against a confused deputy. No condition on the encryption context: CloudTrail's own names
          // the trail, but with a bucket key S3 puts the bucket's in its place.
          conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
        },
        {
          // Where the bucket has a bucket key, CreateTrail tries kms:Decrypt as well.
          // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
          sid: 'TryKey',
          principal: service,
          actions: ['kms:Decrypt', 'kms:DescribeKey'],
          conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
        },
        viaS3('ReadLogFiles', ['kms:Decrypt'], [principals.root]),
      ],
    });
  }

  #alarms(submission: Submission): void {
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
    if (config.alarmEmail) topic.addSubscription(new subscriptions.EmailSubscription(config.alarmEmail));
    const alarms: readonly [name: string, metric: cloudwatch.Metric][] = [
      ['dead-letters', submission.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' })],
      ['submission-failed', submission.flow.metricFailed()],
      ['submission-timed-out', submission.flow.metricTimedOut()],
      ['submission-aborted', submission.flow.metricAborted()],
      ['closing-failed', submission.closing.metricFailed()],
      ['closing-timed-out', submission.closing.metricTimedOut()],
    ];
    for (const [name, metric] of alarms) {
      const alarm = new cloudwatch.Alarm(this, name, {
        alarmName: principals.name(name),
        alarmDescription: `docs/runbook.md#${name}`,
        metric: metric.with({ period: Duration.minutes(1) }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new actions.SnsAction(topic));
    }
  }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function admitTrail(bucket: s3.Bucket, service: iam.ServicePrincipal, trailArn: string): void {
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'CheckAcl',
      principals: [service],
      actions: ['s3:GetBucketAcl'],
      resources: [bucket.bucketArn],
      conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
    }),
  );
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'WriteLogFiles',
      principals: [service],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': trailArn } },
    }),
  );
}
