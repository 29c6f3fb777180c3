/**
 * THE table: who may do what, once everything is deployed. Default: nobody. It is written from what the flow needs, not from the
 * templates, so that each can be held against the other. The root user and the account's administrators are in reservations.ts: they
 * may do what no line there keeps from them.
 */
import { type Actor, AUDIT_ORDER, type Stage, WORKING_PREFIX, type WorkingStage } from '../../../shared/names.ts';
import { GROUPS } from './parties.ts';
import { list, type Permission } from './permission.ts';
import { entriesOf } from './targets.ts';

/** With a bucket key the context of S3's call is the bucket, without one the object. */
const throughS3 = (key: string, bucket: string): string[] => [
  `key/${key} via s3:${bucket}`,
  `key/${key} via s3-object:${bucket}`,
];
const throughDynamoDb = (...tables: string[]): string[] => tables.map((table) => `key/tables via dynamodb:${table}`);

const STAGES: readonly Permission[] = [
  {
    who: 'ingestion',
    may: ['s3:GetObjectVersion', 's3:PutObjectVersionTagging'],
    on: 'landing/*',
    because: 'reads the pinned version; tags one too large to be moved',
  },
  { who: 'ingestion', may: 'kms:Decrypt', on: throughS3('landing', 'landing'), because: 'opens an upload' },
  { who: 'seal', may: 's3:DeleteObjectVersion', on: 'landing/*', because: 'removes what is sealed, unread' },
  { who: 'ingestion', may: 'secretsmanager:GetSecretValue', on: 'secret/token-salts', because: 'makes tokens' },
  {
    who: 'ingestion',
    may: 'kms:Decrypt',
    on: 'key/secrets via secretsmanager:token-salts',
    because: 'Secrets Manager opens the salts in its name',
  },
  { who: 'ingestion', may: 's3:PutObject', on: 'vault/segments/*', because: 'keeps the values behind tokens' },
  {
    who: 'ingestion',
    may: 'kms:GenerateDataKey',
    on: throughS3('vault', 'vault'),
    because: 'encrypts a vault segment',
  },
  {
    who: 'ingestion',
    may: 'kms:GenerateDataKey',
    on: 'key/vault as vault:ingestion',
    because: 'makes the key of a chunk',
  },
  { who: 'egress', may: 's3:GetObject', on: 'vault/segments/*', because: 'resolves tokens, alone (B22)' },
  { who: 'egress', may: 'kms:Decrypt', on: throughS3('vault', 'vault'), because: 'opens a vault segment' },
  { who: 'egress', may: 'kms:Decrypt', on: 'key/vault as vault:ingestion', because: 'opens the key of a chunk' },
  { who: 'ingestion', may: 's3:PutObject', on: 'quarantine/uploads/*', because: 'turns a whole upload away' },
  { who: 'egress', may: 's3:PutObject', on: 'exports/*', because: 'delivers; it reads no export back (B17)' },
  { who: 'egress', may: 'kms:GenerateDataKey', on: throughS3('exports', 'exports'), because: 'encrypts an export' },
];

/** What passes from stage to stage: its own key, its own prefix, one reader. */
const handover = (from: WorkingStage, to: Stage): readonly Permission[] => [
  { who: from, may: 's3:PutObject', on: `working/${WORKING_PREFIX[from]}/*`, because: `hands over to ${to}` },
  { who: from, may: 'kms:GenerateDataKey', on: throughS3(from, 'working'), because: 'encrypts under its own key' },
  { who: to, may: 's3:GetObject', on: `working/${WORKING_PREFIX[from]}/*`, because: `takes over from ${from}` },
  { who: to, may: 'kms:Decrypt', on: throughS3(from, 'working'), because: `opens what ${from} wrote` },
  { who: to, may: 'kms:Decrypt', on: throughS3('custody', 'working'), because: 'opens what the custodian released' },
  { who: 'custody', may: 's3:PutObject', on: `working/${WORKING_PREFIX[from]}/*`, because: `releases to ${to}` },
];

const turnAway = (stage: Stage): readonly Permission[] => [
  {
    who: stage,
    may: 's3:PutObject',
    on: [`quarantine/records/${stage}/*`, `quarantine/problems/${stage}/*`],
    because: 'turns records away, with the reason beside them',
  },
  {
    who: stage,
    may: 'kms:GenerateDataKey',
    on: throughS3('quarantine', 'quarantine'),
    because: 'encrypts what it turns away',
  },
  {
    who: stage,
    may: 'kms:GenerateDataKey',
    on: `key/quarantine as quarantine:${stage}`,
    because: 'makes the key of a segment',
  },
];

const ownEntries = (actor: Actor): readonly Permission[] => [
  {
    who: actor,
    may: ['s3:PutObject', 's3:PutObjectRetention', 's3:GetObject'],
    on: entriesOf(actor),
    because: 'commits by its audit segments, and finds what an earlier attempt has committed',
  },
  {
    who: actor,
    may: ['kms:GenerateDataKey', 'kms:Decrypt'],
    on: throughS3('audit', 'audit'),
    because: 'audit segments',
  },
  {
    who: actor,
    may: 'dynamodb:UpdateItem',
    on: 'table/runs',
    because: 'holds the lease on its run',
  },
  { who: actor, may: 'kms:Decrypt', on: throughDynamoDb('runs'), because: 'DynamoDB opens the table in its name' },
];

const SEAL_AND_CUSTODY: readonly Permission[] = [
  {
    who: 'seal',
    may: ['s3:GetObject', 's3:GetObjectVersion'],
    on: ['audit/entries/*', 'audit/seals/*'],
    because: 'makes one tree of every stage’s entries',
  },
  { who: 'seal', may: ['s3:PutObject', 's3:PutObjectRetention'], on: 'audit/seals/*', because: 'writes the seal' },
  { who: 'seal', may: 'dynamodb:GetItem', on: 'table/runs', because: 'tells whether the run is its own, and sealed' },
  { who: 'seal', may: 's3:ListBucket', on: ['audit?entries/*', 'audit?seals/*'], because: 'finds what it has to seal' },
  {
    who: 'seal',
    may: ['kms:Sign', 'kms:GetPublicKey'],
    on: 'key/seal-signing directly',
    because: 'signs the checkpoint',
  },
  {
    who: 'custody',
    may: 's3:GetObject',
    on: ['quarantine/records/*', 'quarantine/problems/*'],
    because: 'opens what it releases',
  },
  { who: 'custody', may: 's3:DeleteObjectVersion', on: 'quarantine/records/*', because: 'discards for good' },
  { who: 'custody', may: 's3:ListBucket', on: 'quarantine?*', because: 'tells absent from forbidden' },
  { who: 'custody', may: 'kms:Decrypt', on: throughS3('quarantine', 'quarantine'), because: 'opens a segment' },
  {
    who: 'custody',
    may: 'kms:Decrypt',
    on: GROUPS.turning.map((stage) => `key/quarantine as quarantine:${stage}`),
    because: 'opens the key of a segment',
  },
  {
    who: 'custody',
    may: 'kms:GenerateDataKey',
    on: throughS3('custody', 'working'),
    because: 'releases under its own key',
  },
];

/** Each stage lists its own part of the log; the seal lists all (above). */
const OWN_LISTINGS: readonly Permission[] = [...GROUPS.turning, 'custody' as const].map((actor) => ({
  who: actor,
  may: 's3:ListBucket',
  on: `audit?entries/RUN/${AUDIT_ORDER[actor]}/`,
  because: 'finds what an earlier attempt has committed',
}));

const table = (who: string, may: string[], ...tables: string[]): readonly Permission[] => [
  { who, may, on: tables.map((each) => `table/${each}`), because: 'a table of its work' },
  { who, may: 'kms:Decrypt', on: throughDynamoDb(...tables), because: 'DynamoDB opens the table in its name' },
];

const TABLES: readonly Permission[] = [
  ...table('ingestion', ['dynamodb:GetItem', 'dynamodb:Query'], 'contracts'),
  ...table('ingestion', ['dynamodb:GetItem'], 'issuers'),
  ...table('ingestion', ['dynamodb:UpdateItem'], 'credentials'),
  ...table('ingestion', ['dynamodb:BatchWriteItem'], 'subject-keys'),
  ...table('reconciliation', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'idempotency'),
  ...table('reconciliation', ['dynamodb:BatchGetItem'], 'ledger'),
  ...table('reconciliation', ['dynamodb:GetItem'], 'contracts'),
  ...table('processing', ['dynamodb:GetItem'], 'rule-packs', 'contracts'),
  ...table('egress', ['dynamodb:GetItem'], 'contracts'),
  ...table('egress', ['dynamodb:BatchGetItem'], 'subject-keys', 'destinations'),
];

/** Lambda’s own doings with a stage’s role. Logs and traces leave from Lambda’s network, so no network can be asked of them. */
const LAMBDA: readonly Permission[] = GROUPS.stages.flatMap((stage): Permission[] => {
  const anywhere = [stage, `Lambda for ${stage}`, `${stage} from another network`, `${stage} from the internet`];
  return [
    {
      who: anywhere,
      may: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: `log/${stage}`,
      because: 'writes its log',
    },
    {
      who: anywhere,
      may: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      on: 'telemetry',
      because: 'writes its traces',
    },
    {
      who: `Lambda for ${stage}`,
      may: [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      on: 'network',
      because: 'attaches the function to its network; the function’s code may not',
    },
  ];
});

const MACHINES: readonly Permission[] = [
  {
    who: 'submission machine',
    may: 'lambda:InvokeFunction',
    on: GROUPS.stages.map((stage) => `function/${stage}`),
    because: 'nobody else invokes a stage (S01)',
  },
  { who: 'closing machine', may: 'lambda:InvokeFunction', on: 'function/seal', because: 'seals what could not' },
  {
    who: ['submission machine', 'closing machine'],
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

const optional = true;

const TEARDOWN: readonly Permission[] = ['foundation', 'oversight'].flatMap((stack): Permission[] => {
  const buckets =
    stack === 'oversight' ? ['trail', 'findings'] : ['landing', 'working', 'vault', 'quarantine', 'exports', 'audit'];
  const who = `teardown of ${stack}`;
  const because = 'CDK empties a sandbox’s buckets before it deletes them';
  return [
    {
      who,
      may: [
        's3:PutBucketPolicy',
        's3:GetBucketAcl',
        's3:GetBucketLocation',
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

const PARTNERS: readonly Permission[] = [
  {
    who: 'egress',
    may: 's3:PutObject',
    on: 'partner/*',
    because: 'delivers to a registered bucket of a partner (B17)',
    optional,
  },
  {
    who: 'egress',
    may: 'kms:GenerateDataKey',
    on: 'partner-key/* via s3',
    because: 'under the partner’s key',
    optional,
  },
];

const PEOPLE: readonly Permission[] = [
  {
    who: 'uploader',
    may: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    on: 'landing/*',
    because: 'puts uploads, singly and in parts',
  },
  {
    who: 'uploader',
    may: ['kms:GenerateDataKey', 'kms:Decrypt'],
    on: throughS3('landing', 'landing'),
    because: 'completing an upload opens its parts',
  },
  {
    who: 'operator',
    may: ['dynamodb:GetItem', 'dynamodb:Scan'],
    on: 'table/runs',
    because: 'sees what became of runs',
  },
  { who: 'operator', may: 'kms:Decrypt', on: throughDynamoDb('runs'), because: 'DynamoDB opens the table in its name' },
  {
    who: 'operator',
    may: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:RedriveExecution'],
    on: 'execution/submission',
    because: 'sees where a run stands, and takes it up again',
  },
  {
    who: 'operator',
    may: ['states:ListExecutions', 'states:StartExecution'],
    on: 'machine/submission',
    because: 'asks for release or discard',
  },
  {
    who: 'operator',
    may: 's3:ListBucket',
    on: ['quarantine?*', 'audit?*'],
    because: 'finds what waits, and the evidence of a run',
  },
  {
    who: 'operator',
    may: ['s3:GetObject', 's3:GetObjectVersion'],
    on: ['quarantine/problems/*', 'quarantine/uploads/RUN/problem.json', 'audit/entries/*', 'audit/seals/*'],
    because: 'reads why a record was turned away, and the evidence; no raw record',
  },
  {
    who: 'operator',
    may: 'kms:Decrypt',
    on: [...throughS3('quarantine', 'quarantine'), ...throughS3('audit', 'audit')],
    because: 'opens problems and evidence',
  },
  { who: 'operator', may: 'kms:GetPublicKey', on: 'key/seal-signing directly', because: 'verifies a seal' },
  {
    who: 'steward',
    may: [
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Scan',
    ],
    on: ['contracts', 'issuers', 'ledger', 'rule-packs', 'destinations'].map((each) => `table/${each}`),
    because: 'keeps the registries',
  },
  {
    who: 'steward',
    may: 'kms:Decrypt',
    on: throughDynamoDb('contracts', 'issuers', 'ledger', 'rule-packs', 'destinations'),
    because: 'DynamoDB opens the tables in its name',
  },
  {
    who: 'steward',
    may: ['kms:Sign', 'kms:GetPublicKey'],
    on: 'key/contract-signing directly',
    because: 'signs contracts and rule packs',
  },
  {
    who: 'investigator',
    may: [
      'athena:BatchGetNamedQuery',
      'athena:GetNamedQuery',
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:GetWorkGroup',
      'athena:ListNamedQueries',
      'athena:ListQueryExecutions',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
    ],
    on: 'workgroup/investigation*',
    because: 'asks the trail, in a work group that decides where answers go',
  },
  {
    who: 'investigator',
    may: ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
    on: ['glue/catalog', 'glue/database/parapet', 'glue/table/parapet/trail'],
    because: 'Athena reads the description of the table in its name',
  },
  { who: 'investigator', may: 's3:ListBucket', on: ['trail?*', 'findings?*'], because: 'Athena finds the log files' },
  {
    who: 'investigator',
    may: 's3:GetBucketLocation',
    on: ['trail', 'findings'],
    because: 'Athena asks where they are',
  },
  {
    who: 'investigator',
    may: 's3:GetObject',
    on: 'trail/AWSLogs/ACCOUNT/CloudTrail/*',
    because: 'reads log files, of this account',
  },
  {
    who: 'investigator',
    may: 'kms:Decrypt',
    on: [...throughS3('trail', 'trail'), ...throughS3('trail', 'findings')],
    because: 'opens log files and answers',
  },
  { who: 'investigator', may: 'kms:GenerateDataKey', on: throughS3('trail', 'findings'), because: 'encrypts answers' },
  {
    who: 'investigator',
    may: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    on: 'findings/results/*',
    because: 'Athena writes answers in its name',
  },
];

const byResource = true;

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
    on: [...GROUPS.stages.map((stage) => `trust/${stage}`)],
    because: 'runs the function',
    byResource,
  },
  {
    who: 'Step Functions for submission',
    may: 'sts:AssumeRole',
    on: 'trust/submission-machine',
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
    who: ['administrator', 'configured uploader *'],
    may: 'sts:AssumeRole',
    on: ['trust/uploader', 'trust/operator', 'trust/steward', 'trust/investigator'],
    because: 'the account says who is one of these people; a second factor is asked',
    byResource,
  },
];

export const PERMISSIONS: readonly Permission[] = [
  ...STAGES,
  ...handover('ingestion', 'reconciliation'),
  ...handover('reconciliation', 'processing'),
  ...handover('processing', 'egress'),
  ...GROUPS.turning.flatMap(turnAway),
  ...GROUPS.stages.flatMap(ownEntries),
  ...SEAL_AND_CUSTODY,
  ...OWN_LISTINGS,
  ...TABLES,
  ...LAMBDA,
  ...MACHINES,
  ...TEARDOWN,
  ...PARTNERS,
  ...PEOPLE,
  ...SERVICES,
  ...TRUSTS,
];

export { list };
