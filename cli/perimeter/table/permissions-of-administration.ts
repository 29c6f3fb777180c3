/** What people may do who keep the deployment running, or judge how it is set up. None of it reads data. */
import { GROUPS } from './parties.ts';
import type { Permission } from './permission.ts';
import { ROTATED_SECRETS } from './targets.ts';

const optional = true;
const DUTY = ['admin', 'break-glass'];
const BUCKETS = ['landing', 'working', 'vault', 'quarantine', 'exports', 'audit'];
/** The trail’s is not among them: whoever hides something would begin there. */
const KEYS = [
  ...['landing', 'ingestion', 'reconciliation', 'processing', 'custody', 'vault', 'quarantine', 'exports', 'audit'],
  ...['tables', 'secrets', 'operations', 'seal-signing', 'contract-signing'],
];
const directly = KEYS.map((key) => `key/${key} directly`);
/** Those of CDK’s own functions are called after the deployment as well. */
const ROLES = 'role/*';

export const ADMINISTRATION_PERMISSIONS: readonly Permission[] = [
  {
    who: ['operator', 'analyst', 'data-engineer', 'ml-engineer', ...DUTY],
    may: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
    on: 'metrics',
    because: 'watches the figures, which have no owner to name',
  },
  {
    who: ['operator', 'analyst', 'data-engineer', 'ml-engineer', ...DUTY],
    may: 'cloudwatch:DescribeAlarms',
    on: 'alarm/*',
    because: 'sees which alarm rings',
  },
  {
    who: ['operator', 'analyst', 'data-engineer', 'ml-engineer', ...DUTY],
    may: 'cloudwatch:GetDashboard',
    on: 'dashboard/*',
    because: 'sees the one page',
  },
  {
    who: ['operator', 'data-engineer', ...DUTY],
    may: ['logs:FilterLogEvents', 'logs:GetLogEvents'],
    on: GROUPS.stages.map((stage) => `log/${stage}`),
    because: 'reads why a stage failed; its log holds no value',
  },
  {
    who: ['operator', 'data-engineer', ...DUTY],
    may: ['logs:FilterLogEvents', 'logs:GetLogEvents'],
    on: 'log/salt-rotation',
    because: 'reads why a rotation failed; its log holds no value',
  },
  {
    who: ['operator', 'data-engineer', ...DUTY],
    may: ['logs:FilterLogEvents', 'logs:GetLogEvents'],
    on: [...GROUPS.sweeping.map((step) => `log/${step}`), 'log/database-rotation'],
    because: 'reads why a step or a rotation failed; its log holds no value',
    optional,
  },
  {
    who: DUTY,
    may: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    on: 'queue/sweep-dead-letter',
    because: 'looks at what started no sweep',
    optional,
  },
  {
    who: DUTY,
    may: ['states:ListExecutions', 'states:StartExecution'],
    on: 'machine/sweep-closing',
    because: 'has a sweep reported that could not be',
    optional,
  },
  {
    who: DUTY,
    may: ['states:DescribeExecution', 'states:GetExecutionHistory'],
    on: 'execution/sweep-closing',
    because: 'takes the input from the execution that failed',
    optional,
  },
  {
    who: 'operator',
    may: ['states:ListExecutions', 'states:StartExecution'],
    on: 'machine/sweep',
    because: 'starts a sweep after what was wrong has been mended',
    optional,
  },
  {
    who: 'operator',
    may: ['states:DescribeExecution', 'states:GetExecutionHistory'],
    on: 'execution/sweep',
    because: 'follows a sweep',
    optional,
  },
  {
    who: DUTY,
    may: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    on: 'queue/dead-letter',
    because: 'looks at what reached no run',
  },
  {
    who: DUTY,
    may: ['states:ListExecutions', 'states:StartExecution'],
    on: 'machine/closing',
    because: 'has a run sealed that could not be',
  },
  {
    who: DUTY,
    may: ['states:DescribeExecution', 'states:GetExecutionHistory'],
    on: 'execution/closing',
    because: 'takes the input from the execution that failed',
  },
  {
    who: DUTY,
    may: ['events:DescribeRule', 'events:DisableRule', 'events:EnableRule'],
    on: 'rule/landing',
    because: 'holds the flow in an incident',
  },
  {
    who: DUTY,
    may: ['kms:CancelKeyDeletion', 'kms:EnableKey'],
    on: directly,
    because: 'keeps a key from being lost',
  },
  {
    who: DUTY,
    may: ['cloudtrail:GetTrailStatus', 'cloudtrail:StartLogging'],
    on: 'trail/*',
    because: 'starts the trail again',
  },
  {
    who: DUTY,
    may: ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
    on: 'secret/token-salts',
    because: 'has a leaked secret replaced, and does not see it',
  },
  {
    who: DUTY,
    may: ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
    on: `secret/${ROTATED_SECRETS}`,
    because: 'has a leaked password replaced, and does not see it',
    optional: true,
  },
  {
    who: ['auditor', 'break-glass'],
    may: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies'],
    on: ROLES,
    because: 'reads who may do what',
  },
  {
    who: ['auditor', ...DUTY],
    may: 'kms:DescribeKey',
    on: KEYS.map((key) => `key/${key} *`),
    because: 'sees in which state a key is: nothing by which it could be used',
  },
  { who: 'auditor', may: 'kms:GetKeyRotationStatus', on: directly, because: 'sees that keys rotate' },
  { who: ['auditor', 'break-glass'], may: 'kms:GetKeyPolicy', on: directly, because: 'reads who may do what' },
  { who: ['auditor', 'break-glass'], may: 's3:GetBucketPolicy', on: BUCKETS, because: 'reads who may do what' },
  {
    who: 'auditor',
    may: ['s3:GetBucketObjectLockConfiguration', 's3:GetBucketVersioning', 's3:GetEncryptionConfiguration'],
    on: BUCKETS,
    because: 'reads how buckets keep what is in them',
  },
  { who: 'auditor', may: 'dynamodb:DescribeTable', on: 'table/*', because: 'reads how tables are kept' },
  {
    who: ['auditor', 'break-glass'],
    may: 'dynamodb:GetResourcePolicy',
    on: 'table/*',
    because: 'reads who may do what',
  },
  {
    who: 'auditor',
    may: 'secretsmanager:DescribeSecret',
    on: 'secret/token-salts',
    because: 'sees when a secret was rotated',
  },
  {
    who: ['auditor', 'break-glass'],
    may: 'secretsmanager:GetResourcePolicy',
    on: 'secret/token-salts',
    because: 'reads who may do what',
  },
  { who: 'auditor', may: 'cloudtrail:GetTrailStatus', on: 'trail/*', because: 'sees that the trail records' },
  {
    who: 'break-glass',
    may: ['iam:DeleteRolePolicy', 'iam:PutRolePolicy'],
    on: ROLES,
    because: 'locks somebody out at once, or lets somebody in',
  },
  { who: 'break-glass', may: 'kms:PutKeyPolicy', on: directly, because: 'mends a policy' },
  { who: 'break-glass', may: 's3:PutBucketPolicy', on: BUCKETS, because: 'mends a policy' },
  { who: 'break-glass', may: 'dynamodb:PutResourcePolicy', on: 'table/*', because: 'mends a policy' },
  {
    who: 'break-glass',
    may: 'secretsmanager:PutResourcePolicy',
    on: 'secret/token-salts',
    because: 'mends a policy',
  },
];
