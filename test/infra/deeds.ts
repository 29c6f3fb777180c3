import { ACTORS } from '../../infra/principals.ts';
import type { AccessRequest } from '../../local/service.ts';
import { type Actor, AUDIT_ORDER } from '../../shared/names.ts';
import type { Simulation } from './simulation.ts';

export const RUN = '0123456789abcdef0123456789abcdef';
const vault = {
  'kms:EncryptionContext:purpose': 'vault',
  'kms:EncryptionContext:stage': 'ingestion',
  'kms:EncryptionContext:run': RUN,
};
export const quarantine = (stage: string) => ({
  ...vault,
  'kms:EncryptionContext:purpose': 'quarantine',
  'kms:EncryptionContext:stage': stage,
});
export const once = { 's3:if-none-match': '*' };

export interface Deed {
  readonly what: string;
  /** The IAM service whose endpoint it goes through. */
  readonly service: 's3' | 'dynamodb' | 'kms' | 'secretsmanager';
  readonly requests: (simulation: Simulation) => AccessRequest[];
  /** Everybody else is refused. */
  readonly allowed: readonly Actor[];
}

/** What each actor does in a run, and so what no other may: the table of design, one line per deed. */
export const DEEDS: readonly Deed[] = [
  {
    what: 'read an upload',
    service: 's3',
    requests: (s) => s.get('LandingBucket', 'a.csv', 'LandingKey', 's3:GetObjectVersion'),
    allowed: ['ingestion'],
  },
  {
    what: 'tag an upload',
    service: 's3',
    requests: (s) => s.get('LandingBucket', 'a.csv', 'LandingKey', 's3:PutObjectVersionTagging').slice(0, 1),
    allowed: ['ingestion'],
  },
  {
    what: 'delete an upload',
    service: 's3',
    requests: (s) => s.get('LandingBucket', 'a.csv', 'LandingKey', 's3:DeleteObjectVersion').slice(0, 1),
    allowed: ['seal'],
  },
  { what: 'read the salts', service: 'secretsmanager', requests: (s) => s.secret(), allowed: ['ingestion'] },
  {
    what: 'write what was ingested',
    service: 's3',
    requests: (s) => s.put('WorkingBucket', `ingested/${RUN}/a/0.ndjson`, 'IngestionKey'),
    allowed: ['ingestion'],
  },
  {
    what: 'read what was ingested',
    service: 's3',
    requests: (s) => s.get('WorkingBucket', `ingested/${RUN}/a/0.ndjson`, 'IngestionKey'),
    allowed: ['reconciliation'],
  },
  {
    what: 'write what was reconciled',
    service: 's3',
    requests: (s) => s.put('WorkingBucket', `reconciled/${RUN}/a/0.ndjson`, 'ReconciliationKey'),
    allowed: ['reconciliation'],
  },
  {
    what: 'read what was reconciled',
    service: 's3',
    requests: (s) => s.get('WorkingBucket', `reconciled/${RUN}/a/0.ndjson`, 'ReconciliationKey'),
    allowed: ['processing'],
  },
  {
    what: 'write what was processed',
    service: 's3',
    requests: (s) => s.put('WorkingBucket', `processed/${RUN}/a/0.ndjson`, 'ProcessingKey'),
    allowed: ['processing'],
  },
  {
    what: 'read what was processed',
    service: 's3',
    requests: (s) => s.get('WorkingBucket', `processed/${RUN}/a/0.ndjson`, 'ProcessingKey'),
    allowed: ['egress'],
  },
  {
    what: 'release to reconciliation',
    service: 's3',
    requests: (s) => s.put('WorkingBucket', `ingested/${RUN}/a/0.ndjson`, 'CustodyKey'),
    allowed: ['custody'],
  },
  {
    what: 'read what was released to reconciliation',
    service: 's3',
    requests: (s) => s.get('WorkingBucket', `ingested/${RUN}/a/0.ndjson`, 'CustodyKey'),
    allowed: ['reconciliation'],
  },
  {
    what: 'write the vault',
    service: 's3',
    requests: (s) => s.put('VaultBucket', `segments/${RUN}/a/0.json`, 'VaultKey'),
    allowed: ['ingestion'],
  },
  {
    what: 'make a key of the vault',
    service: 'kms',
    requests: (s) => s.key('kms:GenerateDataKey', 'VaultKey', vault),
    allowed: ['ingestion'],
  },
  {
    what: 'write subject keys',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:BatchWriteItem', 'SubjectKeysTable'),
    allowed: ['ingestion'],
  },
  {
    what: 'read the vault',
    service: 's3',
    requests: (s) => s.get('VaultBucket', `segments/${RUN}/a/0.json`, 'VaultKey'),
    allowed: ['egress'],
  },
  {
    what: 'open a key of the vault',
    service: 'kms',
    requests: (s) => s.key('kms:Decrypt', 'VaultKey', vault),
    allowed: ['egress'],
  },
  {
    what: 'read subject keys',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:BatchGetItem', 'SubjectKeysTable'),
    allowed: ['egress'],
  },
  {
    what: 'quarantine an upload',
    service: 's3',
    requests: (s) => s.put('QuarantineBucket', `uploads/${RUN}/payload`, 'QuarantineKey'),
    allowed: ['ingestion'],
  },
  ...(['ingestion', 'reconciliation', 'processing', 'egress'] as const).flatMap((stage): Deed[] => [
    {
      what: `quarantine records of ${stage}`,
      service: 's3',
      requests: (s) => s.put('QuarantineBucket', `records/${stage}/${RUN}/a/0.json`, 'QuarantineKey'),
      allowed: [stage],
    },
    {
      what: `write problems of ${stage}`,
      service: 's3',
      requests: (s) => s.put('QuarantineBucket', `problems/${stage}/${RUN}/a/0.json`, 'QuarantineKey'),
      allowed: [stage],
    },
    {
      what: `mark what ${stage} has quarantined`,
      service: 's3',
      requests: (s) =>
        s
          .get('QuarantineBucket', `records/${stage}/${RUN}/a/0.json`, 'QuarantineKey', 's3:PutObjectTagging')
          .slice(0, 1),
      allowed: [stage],
    },
    {
      what: `make a quarantine key of ${stage}`,
      service: 'kms',
      requests: (s) => s.key('kms:GenerateDataKey', 'QuarantineKey', quarantine(stage)),
      allowed: [stage],
    },
    {
      what: `open a quarantine key of ${stage}`,
      service: 'kms',
      requests: (s) => s.key('kms:Decrypt', 'QuarantineKey', quarantine(stage)),
      allowed: ['custody'],
    },
    {
      what: `read quarantined records of ${stage}`,
      service: 's3',
      requests: (s) => s.get('QuarantineBucket', `records/${stage}/${RUN}/a/0.json`, 'QuarantineKey'),
      allowed: ['custody'],
    },
  ]),
  ...ACTORS.flatMap((actor): Deed[] => [
    {
      what: `write entries of ${actor}`,
      service: 's3',
      requests: (s) => s.put('AuditBucket', `entries/${RUN}/${AUDIT_ORDER[actor]}/000000.ndjson`, 'AuditKey', once),
      allowed: [actor],
    },
    {
      what: `read entries of ${actor}`,
      service: 's3',
      requests: (s) => s.get('AuditBucket', `entries/${RUN}/${AUDIT_ORDER[actor]}/000000.ndjson`, 'AuditKey'),
      allowed: actor === 'seal' ? ['seal'] : [actor, 'seal'],
    },
  ]),
  ...ACTORS.map(
    (actor): Deed => ({
      what: `list entries of ${actor}`,
      service: 's3',
      requests: (s) =>
        s.bucket('s3:ListBucket', 'AuditBucket', { 's3:prefix': `entries/${RUN}/${AUDIT_ORDER[actor]}/` }),
      allowed: actor === 'seal' ? ['seal'] : [actor, 'seal'],
    }),
  ),
  {
    what: 'list a whole run',
    service: 's3',
    requests: (s) => s.bucket('s3:ListBucket', 'AuditBucket', { 's3:prefix': `entries/${RUN}/` }),
    allowed: ['seal'],
  },
  { what: 'list everything', service: 's3', requests: (s) => s.bucket('s3:ListBucket', 'AuditBucket'), allowed: [] },
  {
    what: 'discard quarantined records',
    service: 's3',
    requests: (s) =>
      s
        .get('QuarantineBucket', `records/egress/${RUN}/a/0.json`, 'QuarantineKey', 's3:DeleteObjectVersion')
        .slice(0, 1),
    allowed: ['custody'],
  },
  {
    what: 'mark a vault segment',
    service: 's3',
    requests: (s) => s.get('VaultBucket', `segments/${RUN}/a/0.json`, 'VaultKey', 's3:PutObjectTagging').slice(0, 1),
    allowed: ['ingestion'],
  },
  {
    what: 'discard a quarantined upload',
    service: 's3',
    requests: (s) =>
      s.get('QuarantineBucket', `uploads/${RUN}/payload`, 'QuarantineKey', 's3:DeleteObjectVersion').slice(0, 1),
    allowed: ['custody'],
  },
  {
    what: 'discard why an upload was refused',
    service: 's3',
    requests: (s) =>
      s.get('QuarantineBucket', `uploads/${RUN}/problem.json`, 'QuarantineKey', 's3:DeleteObjectVersion').slice(0, 1),
    allowed: [],
  },
  {
    what: 'open a quarantined upload',
    service: 's3',
    requests: (s) => s.get('QuarantineBucket', `uploads/${RUN}/payload`, 'QuarantineKey'),
    allowed: [],
  },
  {
    what: 'write a seal',
    service: 's3',
    requests: (s) => s.put('AuditBucket', `seals/${RUN}/000001/seal.json`, 'AuditKey', once),
    allowed: ['seal'],
  },
  {
    what: 'sign a checkpoint',
    service: 'kms',
    requests: (s) => s.key('kms:Sign', 'SealSigningKey', { 'kms:SigningAlgorithm': 'ED25519_SHA_512' }),
    allowed: ['seal'],
  },
  {
    what: 'sign a contract',
    service: 'kms',
    requests: (s) => s.key('kms:Sign', 'ContractSigningKey', { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' }),
    allowed: [],
  },
  {
    what: 'claim a credential',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:UpdateItem', 'CredentialsTable'),
    allowed: ['ingestion'],
  },
  {
    what: 'read an issuer',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:GetItem', 'IssuersTable'),
    allowed: ['ingestion'],
  },
  {
    what: 'claim an idempotency key',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:UpdateItem', 'IdempotencyTable'),
    allowed: ['reconciliation'],
  },
  {
    what: 'read the ledger',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:BatchGetItem', 'LedgerTable'),
    allowed: ['reconciliation'],
  },
  {
    what: 'read a rule pack',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:GetItem', 'RulePacksTable'),
    allowed: ['processing'],
  },
  {
    what: 'read destinations',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:BatchGetItem', 'DestinationsTable'),
    allowed: ['egress'],
  },
  {
    what: 'close a breaker',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:UpdateItem', 'ClosingsTable'),
    allowed: [],
  },
  {
    what: 'open a gate',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:UpdateItem', 'GatesTable'),
    allowed: [],
  },
  {
    what: 'deliver',
    service: 's3',
    requests: (s) => s.put('ExportsBucket', `acme/${RUN}/part-000000.csv`, 'ExportsKey'),
    allowed: ['egress'],
  },
  {
    what: 'read an export',
    service: 's3',
    requests: (s) => s.get('ExportsBucket', `acme/${RUN}/part-000000.csv`, 'ExportsKey'),
    allowed: [],
  },
  {
    what: 'read a run',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:GetItem', 'RunsTable'),
    allowed: ['seal'],
  },
  {
    what: 'renew a lease',
    service: 'dynamodb',
    requests: (s) => s.table('dynamodb:UpdateItem', 'RunsTable'),
    allowed: ACTORS,
  },
];
