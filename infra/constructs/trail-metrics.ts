/**
 * What the trail's copy in the log group is watched for: each a metric filter, each with an alarm of the same name. A metric
 * without a value costs nothing: no filter has a default.
 */
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { rotatesDatabases } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import { pin } from './pinned.ts';

const is = (field: string, value: string): logs.JsonPattern => logs.FilterPattern.stringValue(`$.${field}`, '=', value);
const not = (field: string, value: string): logs.JsonPattern =>
  logs.FilterPattern.stringValue(`$.${field}`, '!=', value);
const any = (field: string, values: readonly string[]): logs.JsonPattern =>
  logs.FilterPattern.any(...values.map((value) => is(field, value)));
const { all, any: either } = logs.FilterPattern;

/** Names of the deployment's buckets, tables, roles and functions begin with it. */
function patterns(prefix: string, secrets: readonly string[]): Readonly<Record<TrailMetric, logs.JsonPattern>> {
  const denied = any('errorCode', ['AccessDenied*', '*UnauthorizedOperation', 'Forbidden', 'VpceAccessDenied']);
  const ours = either(
    is('userIdentity.sessionContext.sessionIssuer.userName', `${prefix}*`),
    is('requestParameters.bucketName', `${prefix}*`),
    is('requestParameters.tableName', `*${prefix}*`),
    is('requestParameters.functionName', `*${prefix}*`),
    // Keys and secrets have no name of ours in their ARNs: denials at any of the account's count.
    any('eventSource', ['kms.amazonaws.com', 'secretsmanager.amazonaws.com']),
  );
  const deployed = not('sourceIPAddress', 'cloudformation.amazonaws.com');
  return {
    'access-denied': all(denied, ours),
    // Whether it was let in or not: nobody takes this role on an ordinary day.
    'break-glass': all(
      is('eventSource', 'sts.amazonaws.com'),
      is('eventName', 'AssumeRole*'),
      is('requestParameters.roleArn', `*role/${prefix}break-glass`),
    ),
    'failed-log-ins': either(
      all(is('eventName', 'ConsoleLogin'), is('responseElements.ConsoleLogin', 'Failure')),
      // IAM Identity Center says so of a password or a second factor (its User Guide, "Understanding sign-in events").
      all(is('eventName', 'CredentialVerification'), is('serviceEventDetails.CredentialVerification', 'Failure')),
      all(
        is('eventName', 'AssumeRole*'),
        is('errorCode', 'AccessDenied*'),
        is('requestParameters.roleArn', `*role/${prefix}*`),
      ),
    ),
    // What Secrets Manager itself records; AWS Secrets Manager User Guide, "CloudTrail entries".
    'rotation-failed': all(
      is('eventSource', 'secretsmanager.amazonaws.com'),
      any('eventName', ['RotationFailed', 'RotationAbandoned']),
      any('additionalEventData.SecretId', secrets),
    ),
    'key-endangered': all(
      is('eventSource', 'kms.amazonaws.com'),
      any('eventName', ['DisableKey', 'ScheduleKeyDeletion']),
    ),
    'permissions-changed': all(
      deployed,
      // What only looks (GetBucketPolicy) is no change. CloudWatch Logs takes 1024 characters, and no list of every name.
      logs.FilterPattern.booleanValue('$.readOnly', false),
      any('eventName', [
        ...['*Policy', '*PolicyVersion', '*PermissionsBoundary', 'CreateGrant', 'ModifyVpcEndpoint', 'AddPermission*'],
        'AuthorizeSecurityGroup*',
      ]),
      either(
        is('requestParameters.bucketName', `${prefix}*`),
        is('requestParameters.roleName', `${prefix}*`),
        is('requestParameters.policyArn', `*${prefix}*`),
        is('requestParameters.functionName', `*${prefix}*`),
        is('requestParameters.resourceArn', `*${prefix}*`),
        // What names its subject by an id alone. DynamoDB takes grants when a table is made: its own are no change.
        all(
          any('eventName', ['PutKeyPolicy', 'CreateGrant', 'ModifyVpcEndpoint']),
          not('sourceIPAddress', 'dynamodb.amazonaws.com'),
        ),
        is('eventName', 'AuthorizeSecurityGroup*'),
      ),
    ),
    'trail-changed': all(
      is('eventSource', 'cloudtrail.amazonaws.com'),
      any('eventName', ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors']),
    ),
  };
}

export const TRAIL_METRICS = [
  'access-denied',
  'break-glass',
  'failed-log-ins',
  'rotation-failed',
  'key-endangered',
  'permissions-changed',
  'trail-changed',
] as const;
export type TrailMetric = (typeof TRAIL_METRICS)[number];

export function trailMetrics(
  scope: Construct,
  { config, principals, tokenSalts }: Foundation,
  logGroup: logs.LogGroup,
): Readonly<Record<TrailMetric, cloudwatch.Metric>> {
  const of = patterns(principals.name(''), [
    tokenSalts.ref,
    ...(rotatesDatabases(config) ? [`*:secret:${principals.name('sweep-*')}`] : []),
  ]);
  const namespace = `Parapet/${config.deployment}/Trail`;
  const entries = TRAIL_METRICS.map((name) => {
    const filter = new logs.MetricFilter(scope, `Filter-${name}`, {
      filterName: principals.name(name),
      logGroup,
      filterPattern: of[name],
      metricNamespace: namespace,
      metricName: name,
      metricValue: '1',
    });
    pin(filter, `Filter${name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`);
    return [name, new cloudwatch.Metric({ namespace, metricName: name, statistic: 'Sum' })] as const;
  });
  return Object.fromEntries(entries) as Record<TrailMetric, cloudwatch.Metric>;
}
