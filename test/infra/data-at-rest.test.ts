import { describe, expect, it } from 'vitest';
import { TABLES } from '../../shared/names.ts';
import { resources } from './templates.ts';

const PROFILES = ['sandbox', 'production'] as const;

describe.each(PROFILES)('data at rest in the profile %s', (profile) => {
  it('[P06] every bucket: SSE-KMS under a named key with a bucket key, versions, no public access, no ACL', () => {
    const buckets = resources(profile, 'AWS::S3::Bucket');
    expect(buckets.map(({ id }) => id)).toEqual([
      'LandingBucket',
      'WorkingBucket',
      'VaultBucket',
      'QuarantineBucket',
      'ExportsBucket',
      'AuditBucket',
      'TrailBucket',
      'FindingsBucket',
    ]);
    for (const { id, Properties } of buckets) {
      expect(Properties, id).toMatchObject({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: {} } },
          ],
        },
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      });
    }
  });

  it('[P06] every bucket has a key of its own, but for findings, which are excerpts of the trail', () => {
    const keys = new Map(
      resources(profile, 'AWS::S3::Bucket').map(({ id, Properties }) => [
        id,
        JSON.stringify(Properties.BucketEncryption),
      ]),
    );
    expect(keys.get('FindingsBucket')).toBe(keys.get('TrailBucket'));
    expect(new Set(keys.values()).size).toBe(keys.size - 1);
  });

  it('[B05] [P11] evidence and trail lie under Object Lock from their writing on', () => {
    const locked = resources(profile, 'AWS::S3::Bucket').filter(
      ({ Properties }) => Properties.ObjectLockEnabled === true,
    );
    expect(locked.map(({ id }) => id)).toEqual(['AuditBucket', 'TrailBucket']);
    const [Mode, Days] = profile === 'sandbox' ? ['GOVERNANCE', 1] : ['COMPLIANCE', 2557];
    for (const { Properties } of locked) {
      expect(Properties.ObjectLockConfiguration).toEqual({
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode, Days } },
      });
    }
  });

  it('[P07] every table: a customer’s key, recovery to any second; in production, no deletion', () => {
    const tables = resources(profile, 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(Object.keys(TABLES).length);
    for (const { id, Properties } of tables) {
      expect(Properties, id).toMatchObject({
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: {} },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        BillingMode: 'PAY_PER_REQUEST',
      });
      expect(Properties.DeletionProtectionEnabled ?? false, id).toBe(profile === 'production');
    }
  });

  it('has the tables of shared/names.ts, with their keys and expiry', () => {
    const found = resources(profile, 'AWS::DynamoDB::Table').map(({ id, Properties }) => [
      id,
      Properties.KeySchema,
      Properties.TimeToLiveSpecification,
    ]);
    const expected = Object.entries(TABLES).map(([name, shape]) => [
      `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`,
      [
        { AttributeName: shape.partitionKey, KeyType: 'HASH' },
        ...('sortKey' in shape ? [{ AttributeName: shape.sortKey, KeyType: 'RANGE' }] : []),
      ],
      'ttl' in shape ? { AttributeName: shape.ttl, Enabled: true } : undefined,
    ]);
    expect(found).toEqual(expected);
  });

  it('[S10] rotates every key that can rotate; signing keys are of the algorithms that verifiers expect', () => {
    for (const { id, Properties } of resources(profile, 'AWS::KMS::Key')) {
      const signs = Properties.KeyUsage === 'SIGN_VERIFY';
      expect(Properties.EnableKeyRotation ?? false, id).toBe(!signs);
    }
    const specs = resources(profile, 'AWS::KMS::Key')
      .filter(({ Properties }) => Properties.KeyUsage === 'SIGN_VERIFY')
      .map(({ id, Properties }) => [id, Properties.KeySpec]);
    expect(specs).toEqual([
      ['SealSigningKey', 'ECC_NIST_EDWARDS25519'],
      ['ContractSigningKey', 'ECC_NIST_P256'],
    ]);
  });

  it('encrypts logs and alarms under a key whose policy admits the services that write them', () => {
    const arn = { 'Fn::GetAtt': ['OperationsKey', 'Arn'] };
    for (const { id, Properties } of resources(profile, 'AWS::Logs::LogGroup')) {
      const key = JSON.stringify(Properties.KmsKeyId);
      expect(key === JSON.stringify(arn) || key.includes('OperationsKey'), id).toBe(true);
    }
    const [key] = resources(profile, 'AWS::KMS::Key').filter(({ id }) => id === 'OperationsKey');
    expect(JSON.stringify(key?.Properties.KeyPolicy)).toContain('"logs.');
    expect(JSON.stringify(key?.Properties.KeyPolicy)).toContain('"cloudwatch.amazonaws.com"');
  });

  it('[B04] generates the first salt where nobody sees it, in the shape that shared/environment.ts gives', () => {
    const [secret] = resources(profile, 'AWS::SecretsManager::Secret');
    expect(secret?.Properties.GenerateSecretString).toEqual({
      SecretStringTemplate: '{"current":"1"}',
      GenerateStringKey: '1',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });
});

describe('what is stateful', () => {
  const STATEFUL = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];
  const stateful = (profile: 'sandbox' | 'production') =>
    resources(profile).filter(({ Type }) => STATEFUL.includes(Type));

  it.each(PROFILES)('keeps its logical id, as another would replace it: profile %s', (profile) => {
    expect(
      stateful(profile)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(PINNED);
  });

  it('outlives its stack in production, and goes with it in a sandbox', () => {
    expect(new Set(stateful('production').map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(['Retain']));
    expect(new Set(stateful('sandbox').map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(['Delete']));
  });
});

/** Changing a line here replaces a resource in every deployment: add, and never rename. */
const PINNED = [
  'AuditBucket',
  'AuditKey',
  'ClosingsTable',
  'ContractSigningKey',
  'ContractsTable',
  'CredentialsTable',
  'CustodyKey',
  'DestinationsTable',
  'ExportsBucket',
  'ExportsKey',
  'FindingsBucket',
  'GatesTable',
  'IdempotencyTable',
  'IngestionKey',
  'IssuersTable',
  'LandingBucket',
  'LandingKey',
  'LedgerTable',
  'OperationsKey',
  'ProcessingKey',
  'QuarantineBucket',
  'QuarantineKey',
  'ReconciliationKey',
  'RulePacksTable',
  'RunsTable',
  'SealSigningKey',
  'SecretsKey',
  'SubjectKeysTable',
  'TablesKey',
  'TokenSalts',
  'TrailBucket',
  'TrailKey',
  'VaultBucket',
  'VaultKey',
  'WorkingBucket',
];
