import { CUSTODY, KEYS, WORKING_PREFIX } from '../../shared/names.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import { QUARANTINING } from '../constructs/flow-keys.ts';
import { envelope, throughS3 } from '../constructs/key-grants.ts';
import type { Foundation } from '../foundation.ts';
import { commonEnvironment, openTables, ownEntries, ownRun } from './every-actor.ts';

/** Releases and discards what is quarantined, each time with an audit entry. */
export function custodyAccess(foundation: Foundation): StageAccess {
  const { buckets, keys } = foundation;
  return {
    doors: ['kms'],
    environment: {
      ...commonEnvironment(foundation),
      workingBucket: buckets.working.bucketName,
      stageKey: keys.custody.keyArn,
      quarantineBucket: buckets.quarantine.bucketName,
      quarantineKey: keys.quarantine.keyArn,
    },
    grants: [
      ownRun(foundation),
      ...ownEntries(foundation, CUSTODY),
      openTables(foundation, ['runs']),
      {
        sid: 'FindQuarantined',
        because:
          'S3 tells what is absent from what is forbidden only to who may list; a discard destroys every version, and reads none',
        actions: ['s3:ListBucket', 's3:ListBucketVersions'],
        resources: [buckets.quarantine.bucketArn],
      },
      {
        sid: 'ReadQuarantined',
        because: 'a released record is opened, in this function only; the note beside it says where it came from',
        actions: ['s3:GetObject'],
        resources: [buckets.quarantine.arnForObjects('records/*'), buckets.quarantine.arnForObjects('problems/*')],
      },
      throughS3('OpenQuarantined', 'what is quarantined is encrypted under the key of the quarantine', {
        actions: ['kms:Decrypt'],
        key: keys.quarantine,
        bucket: buckets.quarantine,
      }),
      envelope('OpenSegmentKey', 'the raw records of a chunk have a data key of their own', {
        action: 'kms:Decrypt',
        key: keys.quarantine,
        purpose: 'quarantine',
        stages: QUARANTINING,
      }),
      {
        sid: 'ReleaseRecords',
        because: 'released records enter again before the boundary that turned them away',
        actions: ['s3:PutObject'],
        resources: Object.values(WORKING_PREFIX).map((prefix) => buckets.working.arnForObjects(`${prefix}/*`)),
      },
      throughS3('EncryptReleased', 'the custodian’s own key, which no stage writes under', {
        actions: ['kms:GenerateDataKey'],
        key: keys.custody,
        bucket: buckets.working,
      }),
      {
        sid: 'DiscardQuarantined',
        because:
          'discarding deletes records and uploads for good, after its audit entry is committed; why they were there stays',
        actions: ['s3:DeleteObjectVersion'],
        resources: [
          buckets.quarantine.arnForObjects('records/*'),
          buckets.quarantine.arnForObjects(KEYS.quarantinedUpload('*')),
        ],
      },
    ],
  };
}
