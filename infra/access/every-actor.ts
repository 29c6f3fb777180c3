import { type Actor, AUDIT_ORDER } from '../../shared/names.ts';
import type { DeploymentConfiguration } from '../config.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import type { TableName } from '../constructs/flow-tables.ts';
import type { Grant } from '../constructs/grant.ts';
import { decryptTables, throughS3 } from '../constructs/key-grants.ts';
import type { Foundation } from '../foundation.ts';

/** The variables that every actor has: its run, its audit log. */
export function commonEnvironment({ config, buckets, keys, tables }: Foundation): StageAccess['environment'] {
  return {
    deployment: config.deployment,
    runsTable: tables.byName.runs.tableName,
    leaseSeconds: String(config.leaseSeconds),
    auditBucket: buckets.audit.bucketName,
    auditKey: keys.audit.keyArn,
    auditRetentionDays: String(config.audit.retentionDays),
    auditRetentionMode: config.audit.retentionMode,
  };
}

/** Pins as the stages read them (shared/environment.ts). */
export function pinsText(
  pins: DeploymentConfiguration['contracts'] | DeploymentConfiguration['rulePacks'],
  { allowDevelopmentKeys }: DeploymentConfiguration,
): string {
  const allowed = allowDevelopmentKeys === true ? { allowDevelopmentKeys } : {};
  return JSON.stringify(Object.fromEntries(Object.entries(pins).map(([name, pin]) => [name, { ...pin, ...allowed }])));
}

/** Its own entries, and nobody else's: written once, and read again to find what an earlier attempt has committed. */
export function ownEntries({ buckets, keys }: Foundation, actor: Actor): Grant[] {
  const prefix = `entries/*/${AUDIT_ORDER[actor]}/*`;
  return [
    {
      sid: 'WriteOwnEntries',
      because: 'a chunk is committed by its audit segment, which is retained from its writing on',
      actions: ['s3:PutObject', 's3:PutObjectRetention'],
      resources: [buckets.audit.arnForObjects(prefix)],
    },
    {
      sid: 'ReadOwnEntries',
      because: 'a later attempt takes over what an earlier one has committed',
      actions: ['s3:GetObject'],
      resources: [buckets.audit.arnForObjects(prefix)],
    },
    {
      sid: 'FindOwnEntries',
      because: 'one listing tells a later attempt which chunks it need not do again',
      actions: ['s3:ListBucket'],
      resources: [buckets.audit.bucketArn],
      conditions: { StringLike: { 's3:prefix': `entries/*/${AUDIT_ORDER[actor]}/` } },
    },
    throughS3('EncryptEntries', 'entries are encrypted under the key of the audit log, and read back by their writer', {
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      key: keys.audit,
      bucket: buckets.audit,
    }),
  ];
}

/** The item of the run: who holds the lease, how often each stage began, how it ended. */
export function ownRun({ tables }: Foundation): Grant {
  return {
    sid: 'HoldRun',
    because: 'every stage takes or renews the lease on its run before it does anything else, by a conditional write',
    actions: ['dynamodb:UpdateItem'],
    resources: [tables.byName.runs.tableArn],
  };
}

/** One decryption grant for all tables of a stage: the key is one, the tables are named in the encryption context. */
export function openTables({ keys, tables }: Foundation, names: readonly TableName[]): Grant {
  return decryptTables(
    'OpenTables',
    'DynamoDB opens the key of the tables in the caller’s name',
    keys.tables,
    names.map((name) => tables.byName[name]),
  );
}
