/** What AWS's services may do: in roles of ours, for themselves, and which roles they take. */
import { GROUPS, OPTIONAL, ROTATING } from './parties.ts';
import type { Permission } from './permission.ts';

const optional = true;
const byResource = true;

const MACHINES: readonly Permission[] = [
  {
    who: 'submission machine',
    may: 'lambda:InvokeFunction',
    on: [...GROUPS.turning, 'seal'].map((stage) => `function/${stage}`),
    because: 'nobody else invokes a stage (S01)',
  },
  {
    who: 'custodian machine',
    may: 'lambda:InvokeFunction',
    on: ['custody', 'reconciliation', 'processing', 'egress', 'seal'].map((actor) => `function/${actor}`),
    because: 'releases to the boundaries behind ingestion; ingests nothing',
  },
  { who: 'closing machine', may: 'lambda:InvokeFunction', on: 'function/seal', because: 'seals what could not' },
  {
    who: ['submission machine', 'custodian machine', 'closing machine'],
    may: [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ],
    on: 'telemetry',
    because: 'Step Functions delivers logs and traces with the role of the machine',
  },
  { who: 'landing rule', may: 'states:StartExecution', on: 'machine/submission', because: 'an upload starts a run' },
  { who: 'unsealed rule', may: 'states:StartExecution', on: 'machine/closing', because: 'a lost run is sealed' },
  {
    who: 'flow log',
    may: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    on: 'log/network',
    because: 'writes rejected flows',
  },
  {
    who: 'trail log',
    may: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    on: 'log/trail its stream',
    because: 'copies the trail to where alarms see it',
  },
];

const TEARDOWN: readonly Permission[] = ['foundation', 'oversight'].flatMap((stack): Permission[] => {
  const buckets =
    stack === 'oversight'
      ? ['trail', 'findings']
      : ['landing', 'working', 'vault', 'quarantine', 'exports', 'audit', 'sweep'];
  const who = `teardown of ${stack}`;
  const because = 'CDK empties a sandbox’s buckets before it deletes them';
  return [
    {
      who,
      may: [
        's3:PutBucketPolicy',
        's3:GetBucketAcl',
        's3:GetBucketLocation',
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketPolicy',
        's3:GetBucketTagging',
        's3:GetBucketVersioning',
        's3:ListBucketMultipartUploads',
      ],
      on: buckets,
      because,
      byResource: true,
      optional,
    },
    {
      who,
      may: ['s3:ListBucket', 's3:ListBucketVersions'],
      on: buckets.map((bucket) => `${bucket}?*`),
      because,
      byResource: true,
      optional,
    },
    {
      who,
      may: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:DeleteObjectTagging', 's3:ListMultipartUploadParts'],
      on: buckets.map((bucket) => `${bucket}/*`),
      because,
      byResource: true,
      optional,
    },
    {
      who,
      may: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'log/*',
      because: 'AWSLambdaBasicExecutionRole, as CDK gives it',
      optional,
    },
  ];
});

/** Services that act for themselves: each for one resource of ours, by the word of what it calls. */
const SERVICES: readonly Permission[] = [
  { who: 'CloudTrail', may: 's3:GetBucketAcl', on: 'trail', because: 'checks its bucket', byResource },
  { who: 'CloudTrail', may: 's3:PutObject', on: 'trail/AWSLogs/ACCOUNT/*', because: 'delivers log files', byResource },
  {
    who: 'CloudTrail',
    may: ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey'],
    on: 'key/trail *',
    because: 'encrypts log files, and tries the key first',
    byResource,
  },
  {
    who: 'CloudWatch Logs',
    may: [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
    on: ['key/operations for the logs of a stage', 'key/operations for the logs of a machine'],
    because: 'encrypts the logs of this deployment',
    byResource,
  },
  {
    who: ['CloudWatch', 'CloudWatch, of another name'],
    may: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: 'key/operations for the alarms',
    because: 'an alarm goes to an encrypted topic',
    byResource,
  },
  {
    who: ['CloudWatch', 'CloudWatch, of another name'],
    may: 'sns:Publish',
    on: 'topic/alarm',
    because: 'any alarm of the account publishes',
    byResource,
  },
  {
    who: 'Secrets Manager for the salts',
    may: 'lambda:InvokeFunction',
    on: 'function/salt-rotation',
    because: 'has the salts rotated',
    byResource,
  },
  {
    who: 'Secrets Manager for the databases',
    may: 'lambda:InvokeFunction',
    on: 'function/database-rotation',
    because: 'has the users of a database take turns',
    byResource,
    optional,
  },
  {
    who: 'EventBridge for findings',
    may: 'sns:Publish',
    on: 'topic/alarm',
    because: 'what GuardDuty and Security Hub find is heard where alarms are',
    byResource,
    optional,
  },
  {
    who: 'EventBridge for findings',
    may: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: 'key/operations for the alarms',
    because: 'that topic is encrypted',
    byResource,
    optional,
  },
  {
    who: ['EventBridge for landing', 'EventBridge for unsealed'],
    may: 'sqs:SendMessage',
    on: 'queue/dead-letter',
    because: 'what reached no execution',
    byResource,
  },
];

/** Who may take which role. Nobody takes one without being named by its trust. */
const TRUSTS: readonly Permission[] = [
  {
    who: 'Lambda',
    may: 'sts:AssumeRole',
    on: 'trust/custom-s3*',
    because: 'runs CDK’s function',
    byResource,
    optional,
  },
  {
    who: 'Lambda',
    may: 'sts:AssumeRole',
    on: [...GROUPS.stages, ...ROTATING].filter((each) => !OPTIONAL.includes(each)).map((stage) => `trust/${stage}`),
    because: 'runs the function',
    byResource,
  },
  {
    who: 'Lambda',
    may: 'sts:AssumeRole',
    on: OPTIONAL.map((each) => `trust/${each}`),
    because: 'runs the function',
    byResource,
    optional,
  },
  {
    who: 'Step Functions for submission',
    may: 'sts:AssumeRole',
    on: 'trust/submission-machine',
    because: 'runs the machine',
    byResource,
  },
  {
    who: 'Step Functions for custodian',
    may: 'sts:AssumeRole',
    on: 'trust/custodian-machine',
    because: 'runs the machine',
    byResource,
  },
  {
    who: 'Step Functions for closing',
    may: 'sts:AssumeRole',
    on: 'trust/closing-machine',
    because: 'runs the machine',
    byResource,
  },
  {
    who: 'EventBridge for landing',
    may: 'sts:AssumeRole',
    on: 'trust/landing-rule',
    because: 'starts the machine',
    byResource,
  },
  {
    who: 'EventBridge for unsealed',
    may: 'sts:AssumeRole',
    on: 'trust/unsealed-rule',
    because: 'starts the machine',
    byResource,
  },
  { who: 'CloudTrail', may: 'sts:AssumeRole', on: 'trust/trail-logs', because: 'copies the trail', byResource },
  {
    who: 'VPC flow logs',
    may: 'sts:AssumeRole',
    on: 'trust/network-flow-log',
    because: 'writes rejected flows',
    byResource,
  },
  {
    who: ['administrator', 'deployer', 'configured uploader *'],
    may: 'sts:AssumeRole',
    on: GROUPS.people.map((person) => `trust/${person}`),
    because: 'the account says who is one of these people; a second factor is asked',
    byResource,
  },
];

export const SERVICE_PERMISSIONS: readonly Permission[] = [...MACHINES, ...TEARDOWN, ...SERVICES, ...TRUSTS];
