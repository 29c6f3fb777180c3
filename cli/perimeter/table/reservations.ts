/**
 * What each layer must hold by itself, if all the others were open: the policy of a resource against a caller with every permission
 * and a careless grant to everybody beside it; the boundary and the endpoints against a role that was given every permission.
 */
import type { Actor, Stage, WorkingStage } from '../../../shared/names.ts';
import { ACTIONS, CONTENT, DELETION, ITEMS, KEY_ADMINISTRATION } from './actions.ts';
import { GROUPS } from './parties.ts';
import type { Fact, Permission } from './permission.ts';
import { ROTATED_SECRETS, SWEEP_SECRETS } from './targets.ts';

/** Kept for some: everybody else is refused, whoever has granted it. */
export interface Reservation {
  readonly on: string | readonly string[];
  readonly actions: readonly string[];
  readonly only: readonly string[];
  /** The line stands where this is the case. */
  readonly where?: Fact;
  /** Whether services of ours that act for themselves are refused as well. */
  readonly services: boolean;
  readonly because: string;
}

const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const { stages, turning, sweeping, opening } = GROUPS;
/** Who reads what a column means. */
const readers = ['analyst', 'data-engineer', 'ml-engineer', 'auditor'];

const content = (
  bucket: string,
  only: readonly string[],
  because: string,
  actions: readonly string[] = CONTENT,
): Reservation => ({
  on: `${bucket}/*`,
  actions,
  only,
  services: false,
  because,
});

const deletion = (bucket: string, only: readonly string[], because: string): Reservation => ({
  on: `${bucket}/*`,
  actions: [...DELETION, 's3:BypassGovernanceRetention'],
  only,
  where: 'retained',
  services: true,
  because,
});

/** A lifecycle rule removes what is marked: marking is deleting. */
const marking = (bucket: string, only: readonly string[]): Reservation => ({
  on: `${bucket}/*`,
  actions: ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'],
  only,
  services: true,
  because: 'what is marked expires: only who wrote it may say that nothing names it',
});

const items = (table: string, only: readonly string[], because: string, where?: Fact): Reservation => ({
  ...(where === undefined ? {} : { where }),
  on: `table/${table}`,
  actions: ITEMS,
  only,
  services: true,
  because,
});

/** Buckets, tables and the secret: everything there that is not kept for some is a matter of the callers’ own policies. */
export const RESERVATIONS: readonly Reservation[] = [
  content('landing', ['ingestion', 'root'], 'whoever may put, only ingestion reads', READ),
  content('working', ['ingestion', 'reconciliation', 'processing', 'egress', 'custody'], 'records on their way'),
  content('vault', ['ingestion', 'egress'], 'values behind tokens: not even the root user'),
  content('quarantine', [...turning, 'custody', 'operator', 'root'], 'raw records'),
  content('exports', ['egress', 'root'], 'no person downloads an export (B17)'),
  content('audit', [...stages, 'sweep-report', 'operator', 'auditor', 'root'], 'evidence'),
  content('sweep', [...sweeping, 'sweep machine'], 'sketches and rows that differ'),
  content('findings', ['investigator', 'root'], 'excerpts of the trail'),
  marking('vault', ['ingestion']),
  marking('quarantine', turning),
  deletion('landing', ['seal'], 'what is sealed leaves; nobody else removes an upload'),
  deletion('quarantine', ['custody'], 'discarded only with an audit entry'),
  ...['working', 'vault', 'exports', 'findings', 'sweep'].map((bucket) =>
    deletion(bucket, [], 'only lifecycle rules remove anything here'),
  ),
  ...['audit', 'trail'].map((bucket) =>
    deletion(bucket, [], 'evidence is never deleted, nor hidden by a delete marker (B05)'),
  ),
  items('runs', [...stages, 'operator', 'data-engineer', 'auditor', 'root'], 'leases and outcomes'),
  items('credentials', ['ingestion'], 'used credentials'),
  items('idempotency', ['reconciliation'], 'nobody probes or burns another’s key'),
  items('subject-keys', ['ingestion', 'egress'], 'wrapped keys of subjects'),
  items(
    'contracts',
    ['ingestion', 'reconciliation', 'processing', 'egress', ...sweeping, ...readers, 'steward', 'root'],
    'a registry',
  ),
  items('issuers', ['ingestion', 'steward', 'root'], 'a registry'),
  items('ledger', ['reconciliation', 'steward', 'root'], 'a registry', 'ledger not swept'),
  items('ledger', ['reconciliation', ...opening, 'steward', 'root'], 'a registry, and a side', 'ledger swept'),
  items('rule-packs', ['processing', ...readers, 'steward', 'root'], 'a registry'),
  items('destinations', ['egress', 'steward', 'root'], 'a registry'),
  items('gates', ['sweep-plan', 'sweep-report', 'operator', 'root'], 'whoever writes here opens a gate'),
  items('closings', ['sweep-plan', 'sweep-report', 'operator', 'root'], 'only a person closes a breaker'),
  {
    on: `secret/${SWEEP_SECRETS}`,
    actions: ['secretsmanager:GetSecretValue'],
    only: opening,
    services: true,
    because: 'whoever knows it reads the database',
  },
  {
    on: `secret/${ROTATED_SECRETS}`,
    actions: ['secretsmanager:GetSecretValue'],
    only: [...opening, 'database-rotation'],
    services: true,
    because: 'whoever knows it reads the database',
  },
  {
    on: `secret/${ROTATED_SECRETS}`,
    actions: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
    only: ['database-rotation'],
    services: true,
    because: 'whoever writes a password knows it; until its users take turns, people fill it in',
  },
  {
    on: 'secret/token-salts',
    actions: ['secretsmanager:GetSecretValue'],
    only: ['ingestion', 'salt-rotation'],
    services: true,
    because: 'whoever knows a salt can guess what is behind a token',
  },
  {
    on: 'secret/token-salts',
    actions: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
    only: ['salt-rotation'],
    services: true,
    because: 'whoever writes a salt knows it; who moves a stage chooses which is used',
  },
  {
    on: ['secret/token-salts', `secret/${ROTATED_SECRETS}`],
    actions: ['secretsmanager:UpdateSecret'],
    only: ['deployer'],
    services: true,
    because: 'an update may bring a value; CloudFormation changes descriptions and keys by it',
  },
];

const key = (name: string, ...ways: string[]): string[] => ways.map((way) => `key/${name} ${way}`);
/** A key cannot say which bucket it is for, as the bucket is made with the key; its users’ own policies say it. */
const ANY_BUCKET = ['via s3:*', 'via s3-object:*', 'dressed *'];

const workingKey = (from: WorkingStage, to: Stage): readonly Permission[] => [
  { who: from, may: 'kms:GenerateDataKey', on: key(from, ...ANY_BUCKET), because: 'writes' },
  { who: to, may: 'kms:Decrypt', on: key(from, ...ANY_BUCKET), because: 'reads' },
];

const use = (who: string | readonly (Actor | string)[], may: string, name: string, because: string): Permission => ({
  who,
  may,
  on: key(name, ...ANY_BUCKET),
  because,
});

/** What a key’s policy admits of a caller whose own policies allow all. Nothing else: a key that is silent refuses. */
export const KEY_ADMISSIONS: readonly Permission[] = [
  { who: 'account', may: KEY_ADMINISTRATION, on: 'key/*', because: 'a key nobody can administer is lost' },
  use(['uploader', 'configured uploader *', 'root'], 'kms:GenerateDataKey', 'landing', 'uploads'),
  use(
    ['uploader', 'configured uploader *', 'root', 'ingestion'],
    'kms:Decrypt',
    'landing',
    'completes an upload; reads one',
  ),
  ...workingKey('ingestion', 'reconciliation'),
  ...workingKey('reconciliation', 'processing'),
  ...workingKey('processing', 'egress'),
  use('custody', 'kms:GenerateDataKey', 'custody', 'releases'),
  use(['reconciliation', 'processing', 'egress'], 'kms:Decrypt', 'custody', 'reads what was released'),
  use('ingestion', 'kms:GenerateDataKey', 'vault', 'writes'),
  use('egress', 'kms:Decrypt', 'vault', 'reads'),
  { who: 'ingestion', may: 'kms:GenerateDataKey', on: key('vault', 'as vault:*'), because: 'writes' },
  { who: 'egress', may: 'kms:Decrypt', on: key('vault', 'as vault:*'), because: 'reads' },
  use(turning, 'kms:GenerateDataKey', 'quarantine', 'turns away'),
  use(['custody', 'operator', 'root'], 'kms:Decrypt', 'quarantine', 'reads'),
  { who: turning, may: 'kms:GenerateDataKey', on: key('quarantine', 'as quarantine:*'), because: 'turns away' },
  { who: 'custody', may: 'kms:Decrypt', on: key('quarantine', 'as quarantine:*'), because: 'releases' },
  use('egress', 'kms:GenerateDataKey', 'exports', 'delivers'),
  use('root', 'kms:Decrypt', 'exports', 'collects in person, by the root user alone'),
  use([...stages, 'sweep-report'], 'kms:GenerateDataKey', 'audit', 'writes'),
  use(sweeping, 'kms:GenerateDataKey', 'sweep', 'writes'),
  use([...sweeping, 'sweep machine'], 'kms:Decrypt', 'sweep', 'reads'),
  {
    who: 'sweep-plan',
    may: 'kms:GenerateDataKey',
    on: key('sweep', 'as parapet-sweep', 'as parapet-cells'),
    because: 'makes',
  },
  {
    who: ['sweep-hash', 'sweep-locate'],
    may: 'kms:Decrypt',
    on: key('sweep', 'as parapet-sweep'),
    because: 'hashes under it',
  },
  { who: 'sweep-compare', may: 'kms:Decrypt', on: key('sweep', 'as parapet-cells'), because: 'decodes' },
  use([...stages, 'operator', 'auditor', 'root'], 'kms:Decrypt', 'audit', 'reads'),
  use(['root', 'investigator'], 'kms:Decrypt', 'trail', 'reads log files and answers'),
  use(['root', 'investigator'], 'kms:GenerateDataKey', 'trail', 'keeps answers'),
  {
    who: 'account',
    may: [
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:CreateGrant',
    ],
    on: key('tables', 'via dynamodb:*'),
    because: 'DynamoDB opens a table in the name of whoever calls it, and takes a grant in that of whoever creates it',
  },
  { who: 'account', may: ACTIONS.way, on: 'side-key/*', because: 'a key whose owner leaves it to the account' },
  {
    who: 'account',
    may: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: key('secrets', 'via secretsmanager:*'),
    because: 'whoever deploys has the first salt generated; the secret refuses reading',
  },
  { who: ['seal', 'sweep-report'], may: 'kms:Sign', on: key('seal-signing', 'directly'), because: 'signs' },
  { who: 'steward', may: 'kms:Sign', on: key('contract-signing', 'directly'), because: 'signs' },
  {
    who: 'account',
    may: 'kms:GetPublicKey',
    on: [...key('seal-signing', 'directly'), ...key('contract-signing', 'directly')],
    because: 'a public key is public',
  },
];

/** What stages are made of: the boundary leaves it open from inside the network, and the endpoints let it pass; nothing else. */
export const DATA_PLANE: Readonly<Record<string, readonly string[]>> = {
  s3: [
    's3:DeleteObjectVersion',
    's3:GetObject',
    's3:GetObjectVersion',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:PutObject',
    's3:PutObjectRetention',
    's3:PutObjectTagging',
    's3:PutObjectVersionTagging',
  ],
  dynamodb: [
    'dynamodb:BatchGetItem',
    'dynamodb:BatchWriteItem',
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
  ],
  kms: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:GetPublicKey', 'kms:Sign'],
  secretsmanager: ['secretsmanager:GetSecretValue'],
};

/** What sweeps are made of, besides: on tables that are sides alone, and the endpoint lets it pass for those who read them. */
export const SIDE_PLANE: readonly string[] = ['dynamodb:DescribeTable', 'dynamodb:Scan'];

/** What rotations are made of, besides: their boundary leaves it open, and the endpoint lets it pass for them alone. */
export const ROTATION_PLANE: readonly string[] = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];
export const ROTATION_KEY_PLANE: readonly string[] = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** What Lambda does in a role’s name: the boundary leaves it open from anywhere. */
export const LAMBDA_ITSELF: readonly string[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];
