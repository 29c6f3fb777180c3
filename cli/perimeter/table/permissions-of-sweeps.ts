/** What the steps of a sweep may do, its machines and its schedule. All of it speaks of what is there only where a sweep is configured. */
import { GROUPS } from './parties.ts';
import { type Permission, throughDynamoDb, throughS3 } from './permission.ts';
import { ROTATED_SECRETS, type SWEEP_OBJECTS, SWEEP_SECRETS } from './targets.ts';

const optional = true;
const byResource = true;
const { sweeping, opening } = GROUPS;

const within = (...kinds: readonly (keyof typeof SWEEP_OBJECTS)[]): string[] => kinds.map((kind) => `sweep/${kind}/*`);
const step = (
  who: string,
  reads: readonly (keyof typeof SWEEP_OBJECTS)[],
  writes: readonly (keyof typeof SWEEP_OBJECTS)[],
): readonly Permission[] => [
  { who, may: 's3:GetObject', on: within(...reads), because: 'what the steps before have written', optional },
  { who, may: 's3:PutObject', on: within(...writes), because: 'what the next steps read', optional },
];

const STEPS: readonly Permission[] = [
  ...step('sweep-plan', ['manifest', 'failures', 'ticket'], ['manifest', 'failures', 'ticket', 'items']),
  ...step('sweep-hash', ['manifest', 'results', 'trip'], ['results', 'trip', 'failures', 'attempts']),
  ...step('sweep-compare', ['manifest', 'results', 'comparison'], ['comparison']),
  ...step('sweep-locate', ['manifest', 'comparison', 'located', 'failures'], ['located', 'failures']),
  ...step('sweep-report', ['manifest', 'comparison', 'located', 'failures', 'trip', 'ticket', 'report'], ['report']),
  { who: sweeping, may: 's3:ListBucket', on: 'sweep?*', because: 'tells absent from forbidden', optional },
  {
    who: sweeping,
    may: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: throughS3('sweep', 'sweep'),
    because: 'what passes between the steps is encrypted under their key',
    optional,
  },
  {
    who: 'sweep-plan',
    may: 'kms:GenerateDataKey',
    on: ['key/sweep as parapet-sweep', 'key/sweep as parapet-cells'],
    because: 'a fresh key for every sweep, and one apart for the cells',
    optional,
  },
  {
    who: ['sweep-hash', 'sweep-locate'],
    may: 'kms:Decrypt',
    on: 'key/sweep as parapet-sweep',
    because: 'rows are hashed under it',
    optional,
  },
  {
    who: 'sweep-compare',
    may: 'kms:Decrypt',
    on: 'key/sweep as parapet-cells',
    because: 'decodes, and looks up nothing',
    optional,
  },
  { who: sweeping, may: 'dynamodb:GetItem', on: 'table/contracts', because: 'the contract of the sweep', optional },
  {
    who: ['sweep-plan', 'sweep-report'],
    may: 'dynamodb:Query',
    on: 'table/contracts',
    because: 'the newest version, where none is planned yet',
    optional,
  },
  {
    who: ['sweep-plan', 'sweep-report'],
    may: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    on: 'table/gates',
    because: 'asks the breaker, and says how it ended',
    optional,
  },
  {
    who: ['sweep-plan', 'sweep-report'],
    may: 'dynamodb:BatchGetItem',
    on: 'table/closings',
    because: 'which trips a person has settled; settles none',
    optional,
  },
  { who: sweeping, may: 'kms:Decrypt', on: throughDynamoDb('contracts'), because: 'opens the table', optional },
  {
    who: ['sweep-plan', 'sweep-report'],
    may: 'kms:Decrypt',
    on: throughDynamoDb('gates', 'closings'),
    because: 'opens the tables',
    optional,
  },
  {
    who: opening,
    may: ['dynamodb:BatchGetItem', 'dynamodb:DescribeTable', 'dynamodb:Scan'],
    on: 'table/ledger',
    because: 'the deployment’s own ledger is a side',
    where: 'ledger swept',
  },
  {
    who: opening,
    may: 'kms:Decrypt',
    on: throughDynamoDb('ledger'),
    because: 'DynamoDB opens the side in their name',
    where: 'ledger swept',
  },
  {
    who: opening,
    may: ['dynamodb:BatchGetItem', 'dynamodb:DescribeTable', 'dynamodb:Scan'],
    on: 'side table/*',
    because: 'a side: read whole, and suspects again by their keys',
    optional,
  },
  {
    who: opening,
    may: ['s3:GetObject', 's3:GetObjectVersion'],
    on: 'side bucket/*',
    because: 'a side: every object, in the version that was listed',
    optional,
  },
  { who: opening, may: 's3:ListBucket', on: 'side bucket?*', because: 'a side is what lies under a prefix', optional },
  {
    who: opening,
    may: 'kms:Decrypt',
    on: ['side-key/table * via dynamodb', 'side-key/bucket * via s3'],
    because: 'the service opens the side in their name',
    optional,
  },
  {
    who: opening,
    may: 'secretsmanager:GetSecretValue',
    on: [SWEEP_SECRETS, ROTATED_SECRETS].map((secrets) => `secret/${secrets}`),
    because: 'where the database is, and as whom it is read',
    optional,
  },
  {
    who: opening,
    may: 'kms:Decrypt',
    on: [SWEEP_SECRETS, ROTATED_SECRETS].map((secrets) => `key/secrets via secretsmanager:${secrets}`),
    because: 'Secrets Manager opens the secret in their name',
    optional,
  },
  {
    who: 'sweep-report',
    may: ['s3:PutObject', 's3:PutObjectRetention'],
    on: 'audit/sweeps/*',
    because: 'the sealed verdict',
    optional,
  },
  {
    who: 'sweep-report',
    may: 'kms:GenerateDataKey',
    on: throughS3('audit', 'audit'),
    because: 'encrypts the verdict',
    optional,
  },
  {
    who: 'sweep-report',
    may: ['kms:Sign', 'kms:GetPublicKey'],
    on: 'key/seal-signing directly',
    because: 'signs the checkpoint of the verdict',
    optional,
  },
];

const TELEMETRY = [
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
];

const MACHINES: readonly Permission[] = [
  {
    who: 'sweep machine',
    may: 'lambda:InvokeFunction',
    on: sweeping.map((each) => `function/${each}`),
    because: 'nobody else invokes a step (S01)',
    optional,
  },
  {
    who: 'sweep closing machine',
    may: 'lambda:InvokeFunction',
    on: 'function/sweep-report',
    because: 'reports what could not',
    optional,
  },
  {
    who: ['sweep machine', 'sweep closing machine'],
    may: TELEMETRY,
    on: 'telemetry',
    because: 'Step Functions delivers logs and traces with the role of the machine',
    optional,
  },
  {
    who: ['sweep machine', 'sweep closing machine'],
    may: 'events:PutEvents',
    on: 'bus/default',
    because: 'tells how a sweep ended',
    optional,
  },
  { who: 'sweep machine', may: 's3:GetObject', on: 'sweep/items/*', because: 'the list of partitions', optional },
  { who: 'sweep machine', may: 'kms:Decrypt', on: throughS3('sweep', 'sweep'), because: 'opens that list', optional },
  {
    who: ['sweep machine', 'sweep schedule'],
    may: 'states:StartExecution',
    on: 'machine/sweep',
    because: 'a schedule starts sweeps; every partition is an execution of its own',
    optional,
  },
  {
    who: 'sweep machine',
    may: ['states:DescribeExecution', 'states:StopExecution'],
    on: ['execution/sweep', 'execution/sweep its child'],
    because: 'follows its children, and stops them when one of them cannot be read',
    optional,
  },
  {
    who: 'sweep schedule',
    may: 'sqs:SendMessage',
    on: 'queue/sweep-dead-letter',
    because: 'Scheduler buries in the name of the schedule',
    optional,
  },
  {
    who: 'unreported rule',
    may: 'states:StartExecution',
    on: 'machine/sweep-closing',
    because: 'a lost sweep is reported',
    optional,
  },
  {
    who: 'EventBridge for unreported',
    may: 'sqs:SendMessage',
    on: 'queue/sweep-dead-letter',
    because: 'what reached no execution',
    byResource,
    optional,
  },
];

const TRUSTS: readonly Permission[] = (
  [
    ['Lambda', sweeping.map((each) => `trust/${each}`)],
    ['Step Functions for sweep', ['trust/sweep-machine']],
    ['Step Functions for sweep closing', ['trust/sweep-closing-machine']],
    ['EventBridge for unreported', ['trust/unreported-rule']],
    ['Scheduler', ['trust/sweep-schedule']],
  ] as const
).map(([who, on]) => ({ who, may: 'sts:AssumeRole', on, because: 'runs what is its own', byResource, optional }));

export const SWEEP_PERMISSIONS: readonly Permission[] = [...STEPS, ...MACHINES, ...TRUSTS];
