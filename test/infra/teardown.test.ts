import { describe, expect, it } from 'vitest';
import { TABLES } from '../../shared/names.ts';
import { type Profile, resources } from './templates.ts';

/** What `cdk destroy` leaves, by type. */
function left(profile: Profile): Record<string, string[]> {
  const kept: Record<string, string[]> = {};
  for (const { Type, id, DeletionPolicy } of resources(profile)) {
    // `RetainExceptOnCreate` and `Snapshot` leave something as well.
    if ((DeletionPolicy ?? 'Delete') === 'Delete') continue;
    kept[Type] = [...(kept[Type] ?? []), id].sort();
  }
  return kept;
}

const ids = (profile: Profile, type: string): string[] =>
  resources(profile, type)
    .map(({ id }) => id)
    .sort();

describe('[P14] cdk destroy', () => {
  it('[P14] of a sandbox leaves nothing of the templates', () => {
    expect(left('sandbox')).toEqual({});
  });

  it('[P14] of a sandbox empties every bucket before it deletes it', () => {
    const emptied = JSON.stringify(
      resources('sandbox', 'Custom::S3AutoDeleteObjects').map(({ Properties }) => Properties),
    );
    for (const id of ids('sandbox', 'AWS::S3::Bucket')) expect(emptied).toContain(`{"Ref":"${id}"}`);
  });

  it('[P14] of production leaves what must stay: data, keys, salts and logs, and nothing else', () => {
    const { 'AWS::S3::BucketPolicy': policies, ...rest } = left('production');
    expect(rest).toEqual({
      'AWS::S3::Bucket': [
        'AuditBucket',
        'ExportsBucket',
        'FindingsBucket',
        'LandingBucket',
        'QuarantineBucket',
        'TrailBucket',
        'VaultBucket',
        'WorkingBucket',
      ],
      'AWS::DynamoDB::Table': Object.keys(TABLES)
        .map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`)
        .sort(),
      'AWS::KMS::Key': ids('production', 'AWS::KMS::Key'),
      'AWS::SecretsManager::Secret': ['TokenSalts'],
      'AWS::SecretsManager::ResourcePolicy': ['TokenSaltsPolicy'],
      'AWS::Logs::LogGroup': [
        'ClosingMachineLogGroup',
        'CustodianMachineLogGroup',
        'CustodyLogGroup',
        'EgressLogGroup',
        'IngestionLogGroup',
        'NetworkLogGroup',
        'ProcessingLogGroup',
        'ReconciliationLogGroup',
        'SaltRotationLogGroup',
        'SealLogGroup',
        'SubmissionMachineLogGroup',
        'TrailLogGroup',
      ],
    });
    expect(policies).toEqual(ids('production', 'AWS::S3::BucketPolicy'));
  });

  it('[P14] of production, a replacement leaves the replaced one as well', () => {
    for (const resource of resources('production')) {
      if (resource.DeletionPolicy !== 'Retain') continue;
      expect('UpdateReplacePolicy' in resource && resource.UpdateReplacePolicy, resource.id).toBe('Retain');
    }
  });

  it('[P14] leaves no log that a template could have deleted: every group of the sandbox is its own resource', () => {
    const groups = ids('sandbox', 'AWS::Logs::LogGroup');
    for (const { id, Properties } of resources('sandbox', 'AWS::Lambda::Function')) {
      // CDK's provider has none of its own: docs/operations.md says what is left of it.
      if (id.startsWith('CustomS3AutoDeleteObjects')) continue;
      expect(groups).toContain(id.replace(/Function$/, 'LogGroup'));
      expect(Properties.LoggingConfig).toBeDefined();
    }
  });
});
