/** What the stages and the custodian may do, and Lambda in their name. */
import { type Actor, AUDIT_ORDER, type Stage, WORKING_PREFIX, type WorkingStage } from '../../../shared/names.ts';
import { GROUPS, OPTIONAL, ROTATING } from './parties.ts';
import { type Permission, throughDynamoDb, throughS3 } from './permission.ts';
import { entriesOf, ROTATED_SECRETS } from './targets.ts';

const optional = true;

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
  {
    who: 'salt-rotation',
    may: [
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    on: 'secret/token-salts',
    because: 'adds a salt beside the others',
  },
  {
    who: 'salt-rotation',
    may: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: 'key/secrets via secretsmanager:token-salts',
    because: 'Secrets Manager opens and closes the salts in its name',
  },
  {
    who: 'database-rotation',
    may: [
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    on: `secret/${ROTATED_SECRETS}`,
    because: 'gives the user whose turn it is a new password',
    optional,
  },
  {
    who: 'database-rotation',
    may: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: `key/secrets via secretsmanager:${ROTATED_SECRETS}`,
    because: 'Secrets Manager opens and closes the secret in its name',
    optional,
  },
  {
    who: 'database-rotation',
    may: 'secretsmanager:GetSecretValue',
    on: 'keeper/*',
    because: 'the keeper of a database changes the password of the user whose turn it is; its own it does not change',
    optional,
  },
  {
    who: 'database-rotation',
    may: 'kms:Decrypt',
    on: 'side-key/keeper of * via secretsmanager',
    because: 'Secrets Manager opens the keeper’s secret in its name',
    optional,
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
  {
    who: 'ingestion',
    may: 's3:PutObjectTagging',
    on: 'vault/segments/*',
    because: 'marks what a dead attempt has left',
  },
  { who: 'ingestion', may: 's3:ListBucket', on: 'vault?segments/', because: 'finds what a dead attempt has left' },
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
    may: 's3:PutObjectTagging',
    on: [`quarantine/records/${stage}/*`, `quarantine/problems/${stage}/*`],
    because: 'marks what a dead attempt has left',
  },
  {
    who: stage,
    may: 's3:ListBucket',
    on: [`quarantine?records/${stage}/`, `quarantine?problems/${stage}/`],
    because: 'finds what a dead attempt has left',
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
  {
    who: 'custody',
    may: 's3:DeleteObjectVersion',
    on: ['quarantine/records/*', 'quarantine/uploads/RUN/payload'],
    because: 'discards for good',
  },
  {
    who: 'custody',
    may: ['s3:ListBucket', 's3:ListBucketVersions'],
    on: 'quarantine?*',
    because: 'tells absent from forbidden, and finds every version of what it discards',
  },
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
const LAMBDA: readonly Permission[] = [...GROUPS.stages, ...ROTATING, ...GROUPS.sweeping].flatMap(
  (stage): Permission[] => {
    const anywhere = [stage, `Lambda for ${stage}`, `${stage} from another network`, `${stage} from the internet`];
    const sometimes: Pick<Permission, 'optional'> = [...OPTIONAL, ...GROUPS.sweeping].includes(stage)
      ? { optional }
      : {};
    return [
      {
        ...sometimes,
        who: anywhere,
        may: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        on: `log/${stage}`,
        because: 'writes its log',
      },
      {
        ...sometimes,
        who: anywhere,
        may: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
        on: 'telemetry',
        because: 'writes its traces',
      },
      {
        ...sometimes,
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
  },
);

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

export const STAGE_PERMISSIONS: readonly Permission[] = [
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
  ...PARTNERS,
];
