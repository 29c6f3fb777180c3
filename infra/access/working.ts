/** What passes between stages, and what is turned away: the same shape at each boundary, each under its own key and prefix. */
import type { Stage, WorkingStage } from '../../shared/names.ts';
import type { Grant } from '../constructs/grant.ts';
import { envelope, throughS3 } from '../constructs/key-grants.ts';
import type { Foundation } from '../foundation.ts';

/** Writing what the next stage reads. */
export function handOver({ buckets, keys }: Foundation, stage: WorkingStage, prefix: string): Grant[] {
  return [
    {
      sid: 'WriteChunks',
      because: 'records go on as encrypted chunks, and their manifest last',
      actions: ['s3:PutObject'],
      resources: [buckets.working.arnForObjects(`${prefix}/*`)],
    },
    throughS3('EncryptChunks', 'the stage’s own key, which the next stage alone may open', {
      actions: ['kms:GenerateDataKey'],
      key: keys.working[stage],
      bucket: buckets.working,
    }),
  ];
}

/** Reading what the stage before has written. */
export function takeOver({ buckets, keys }: Foundation, from: WorkingStage, prefix: string): Grant[] {
  return [
    {
      sid: 'ReadChunks',
      because: `the chunks and the manifest of ${from}`,
      actions: ['s3:GetObject'],
      resources: [buckets.working.arnForObjects(`${prefix}/*`)],
    },
    throughS3('OpenChunks', `what ${from} writes is encrypted under its key`, {
      actions: ['kms:Decrypt'],
      key: keys.working[from],
      bucket: buckets.working,
    }),
    throughS3('OpenReleased', 'what the custodian releases stands in for the stage before, under the custodian’s key', {
      actions: ['kms:Decrypt'],
      key: keys.custody,
      bucket: buckets.working,
    }),
  ];
}

/** Turning records away: raw records in an envelope, problems beside them. Nothing here reads what lies there. */
export function quarantineRecords({ buckets, keys }: Foundation, stage: Stage): Grant[] {
  return [
    {
      sid: 'QuarantineRecords',
      because: 'a record that breaks a rule ends here, with its reason beside it',
      actions: ['s3:PutObject'],
      resources: [
        buckets.quarantine.arnForObjects(`records/${stage}/*`),
        buckets.quarantine.arnForObjects(`problems/${stage}/*`),
      ],
    },
    throughS3('EncryptQuarantine', 'what is quarantined is encrypted under the key of the quarantine', {
      actions: ['kms:GenerateDataKey'],
      key: keys.quarantine,
      bucket: buckets.quarantine,
    }),
    {
      sid: 'FindLeftQuarantined',
      because: 'a later attempt finds what an earlier one has left there that no entry names; it reads none of it',
      actions: ['s3:ListBucket'],
      resources: [buckets.quarantine.bucketArn],
      conditions: { StringLike: { 's3:prefix': [`records/${stage}/*`, `problems/${stage}/*`] } },
    },
    {
      sid: 'MarkLeftQuarantined',
      because: 'what no entry names is marked, and expires; whoever may mark it may write it',
      actions: ['s3:PutObjectTagging'],
      resources: [
        buckets.quarantine.arnForObjects(`records/${stage}/*`),
        buckets.quarantine.arnForObjects(`problems/${stage}/*`),
      ],
    },
    envelope('MakeSegmentKey', 'the raw records of a chunk have a data key of their own', {
      action: 'kms:GenerateDataKey',
      key: keys.quarantine,
      purpose: 'quarantine',
      stages: [stage],
    }),
  ];
}
