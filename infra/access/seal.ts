import { AUDIT_ORDER } from '../../shared/names.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import { throughS3 } from '../constructs/key-grants.ts';
import type { Foundation } from '../foundation.ts';
import { commonEnvironment, openTables, ownRun } from './every-actor.ts';

/** Reads every entry of a run, writes the seal, and removes the upload it has sealed, unread. */
export function sealAccess(foundation: Foundation): StageAccess {
  const { buckets, keys, config, tables } = foundation;
  return {
    doors: ['kms'],
    environment: {
      ...commonEnvironment(foundation),
      landingBucket: buckets.landing.bucketName,
      sealKey: keys.sealSigning.keyArn,
      sealName: `parapet/${config.deployment}`,
    },
    grants: [
      ownRun(foundation),
      openTables(foundation, ['runs']),
      {
        sid: 'ReadRun',
        because: 'what is sealed already, or held by another execution, is left alone',
        actions: ['dynamodb:GetItem'],
        resources: [tables.byName.runs.tableArn],
      },
      {
        sid: 'FindEntries',
        because: 'the entries of a run, of every stage, and the seals of earlier generations',
        actions: ['s3:ListBucket'],
        resources: [buckets.audit.bucketArn],
        conditions: { StringLike: { 's3:prefix': ['entries/*', 'seals/*'] } },
      },
      {
        sid: 'ReadEntries',
        because: 'the tree is made of the entries themselves; a new generation keeps the segments of the last',
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: [buckets.audit.arnForObjects('entries/*'), buckets.audit.arnForObjects('seals/*')],
      },
      {
        sid: 'WriteSeal',
        because: 'the seal, its checkpoint, and the seal’s own entries',
        actions: ['s3:PutObject', 's3:PutObjectRetention'],
        resources: [
          buckets.audit.arnForObjects('seals/*'),
          buckets.audit.arnForObjects(`entries/*/${AUDIT_ORDER.seal}/*`),
        ],
      },
      throughS3('UseAuditKey', 'entries and seals are encrypted under the key of the audit log', {
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        key: keys.audit,
        bucket: buckets.audit,
      }),
      {
        sid: 'SignCheckpoint',
        because: 'the root is signed by a key that never leaves KMS, and its public half is published beside it',
        actions: ['kms:GetPublicKey', 'kms:Sign'],
        resources: [keys.sealSigning.keyArn],
      },
      {
        sid: 'RemoveUpload',
        because: 'an upload whose run is sealed leaves landing; the seal can not read what it removes',
        actions: ['s3:DeleteObjectVersion'],
        resources: [buckets.landing.arnForObjects('*')],
      },
    ],
  };
}
