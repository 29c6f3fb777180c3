/** Events as S3 sends them to EventBridge: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
import { randomUUID } from 'node:crypto';
import { enqueueEvent } from '../events/outbox.ts';
import type { Bucket } from './bucket.ts';
import type { BucketCall, S3 } from './call.ts';
import type { ObjectContent } from './state/schema.ts';

export type CreationReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';
export type Deletion = 'Permanently Deleted' | 'Delete Marker Created';

/** Comparable as text among the events of one key. */
const sequencer = (sequence: number): string => sequence.toString(16).toUpperCase().padStart(16, '0');

function enqueue(
  s3: S3,
  bucket: Bucket,
  detailType: string,
  object: Readonly<Record<string, unknown>>,
  rest: Readonly<Record<string, unknown>>,
): void {
  if (!bucket.events) return;
  enqueueEvent(s3.store, {
    id: randomUUID(),
    source: 'aws.s3',
    detailType,
    time: `${new Date(s3.clock.now()).toISOString().slice(0, 19)}Z`,
    account: s3.accountId,
    region: s3.region,
    resources: [bucket.arn],
    detail: { version: '0', bucket: { name: bucket.name }, object, ...rest },
  });
}

function origin(call: BucketCall): Readonly<Record<string, string>> {
  const address = call.request.caller.context['aws:SourceIp'];
  return {
    'request-id': call.request.requestId,
    requester: call.request.caller.accountId,
    'source-ip-address': typeof address === 'string' ? address : '127.0.0.1',
  };
}

const named = (key: string, versionId: string): Record<string, string> =>
  versionId === 'null' ? { key } : { key, 'version-id': versionId };

/** Call it in the transaction that makes the object visible. */
export function objectCreated(
  s3: S3,
  call: BucketCall & { readonly key: string },
  made: {
    readonly reason: CreationReason;
    readonly content: ObjectContent;
    readonly versionId: string;
    readonly sequence: number;
  },
): void {
  const { size, etag } = made.content;
  const object = { ...named(call.key, made.versionId), size, etag, sequencer: sequencer(made.sequence) };
  enqueue(s3, call.bucket, 'Object Created', object, { ...origin(call), reason: made.reason });
}

/** Call it in the transaction of the deletion. `call` is absent when a lifecycle rule deletes. */
export function objectDeleted(
  s3: S3,
  bucket: Bucket,
  deleted: {
    readonly key: string;
    readonly versionId: string;
    readonly deletion: Deletion;
    readonly sequence: number;
    readonly call?: BucketCall;
  },
): void {
  const object = { ...named(deleted.key, deleted.versionId), sequencer: sequencer(deleted.sequence) };
  const by = deleted.call
    ? { ...origin(deleted.call), reason: 'DeleteObject' }
    : { 'request-id': randomUUID(), requester: 's3.amazonaws.com', reason: 'Lifecycle Expiration' };
  enqueue(s3, bucket, 'Object Deleted', object, { ...by, 'deletion-type': deleted.deletion });
}
