/** DeleteObject and DeleteObjects. */

import { ApiError } from '../../service.ts';
import { objectAccess } from '../access.ts';
import { declaredBody } from '../body/declared.ts';
import { readDocument } from '../body/document.ts';
import { type BucketCall, type ObjectCall, type Operation, type S3, wholeSecond, xmlResponse } from '../call.ts';
import { newId, versionHeader } from '../commit.ts';
import { refuse } from '../errors.ts';
import { objectDeleted } from '../events.ts';
import { requireWriteCondition, type WriteCondition } from '../preconditions.ts';
import { versionIdOf } from '../reading.ts';
import { bypassAccess, requireDeletable } from '../retention.ts';
import { nextSequence } from '../state/schema.ts';
import { type XmlElement, xmlDocument } from '../xml/write.ts';

interface Deleted {
  /** The version that was made (a delete marker) or removed; undefined when there was nothing to do. */
  readonly versionId: string | undefined;
  /** Whether that version is, or was, a delete marker. */
  readonly marker: boolean;
}

const UNCONDITIONAL: WriteCondition = { absent: false, etag: undefined };

/** One transaction: lock, condition, change and event. The files that go with it are deleted after it. */
function deleteOne(s3: S3, call: ObjectCall, versionId: string | undefined, condition = UNCONDITIONAL): Deleted {
  const { deleted, orphans } = s3.store.transaction(() => {
    if (condition.etag !== undefined) {
      requireWriteCondition(condition, call.key, s3.versions.latest(call.bucket.name, call.key));
    }
    return versionId === undefined ? hide(s3, call) : remove(s3, call, versionId);
  });
  s3.blobs.discard(orphans);
  return deleted;
}

interface Change {
  readonly deleted: Deleted;
  readonly orphans: readonly string[];
}

/** Removes a version for good. */
function remove(s3: S3, call: ObjectCall, versionId: string): Change {
  const { bucket, key } = call;
  const version = s3.versions.get(bucket.name, key, versionId);
  if (!version) return { deleted: { versionId, marker: false }, orphans: [] };
  requireDeletable(s3, call, version.content);
  const orphans = s3.versions.remove(version);
  const sequence = nextSequence(s3.store);
  objectDeleted(s3, bucket, { key, versionId, deletion: 'Permanently Deleted', sequence, call });
  return { deleted: { versionId, marker: version.content === undefined }, orphans };
}

/** Deletes without naming a version: a marker in a bucket that keeps versions, else the object itself. */
function hide(s3: S3, call: ObjectCall): Change {
  const { bucket, key } = call;
  const unversioned = bucket.versioning === 'Enabled' ? undefined : s3.versions.get(bucket.name, key, 'null');
  const orphans = unversioned ? s3.versions.remove(unversioned) : [];
  if (bucket.versioning === 'Off') {
    if (unversioned) {
      const sequence = nextSequence(s3.store);
      objectDeleted(s3, bucket, { key, versionId: 'null', deletion: 'Permanently Deleted', sequence, call });
    }
    return { deleted: { versionId: undefined, marker: false }, orphans };
  }
  const versionId = bucket.versioning === 'Enabled' ? newId() : 'null';
  const sequence = s3.versions.insert({
    bucket: bucket.name,
    key,
    versionId,
    modified: wholeSecond(s3),
    content: undefined,
    segments: [],
  });
  objectDeleted(s3, bucket, { key, versionId, deletion: 'Delete Marker Created', sequence, call });
  return { deleted: { versionId, marker: true }, orphans };
}

function authorize(s3: S3, call: ObjectCall, versionId: string | undefined): void {
  const etag = call.headers['if-match'];
  const context = etag === undefined ? {} : { 's3:if-match': etag };
  const own =
    versionId === undefined
      ? objectAccess(s3, call, 's3:DeleteObject', context)
      : objectAccess(s3, call, 's3:DeleteObjectVersion', { ...context, 's3:versionid': versionId });
  const reading = etag === undefined ? [] : [objectAccess(s3, call, 's3:GetObject')];
  s3.authorizer.require(call.request.caller, own, ...reading, ...bypassAccess(s3, call));
}

export const deleteObject: Operation<ObjectCall> = (s3, call) => {
  const versionId = versionIdOf(call);
  authorize(s3, call, versionId);
  const deleted = deleteOne(s3, call, versionId, { absent: false, etag: call.headers['if-match'] });
  return {
    status: 204,
    headers: {
      ...(deleted.marker ? { 'x-amz-delete-marker': 'true' } : {}),
      ...(deleted.versionId === undefined ? {} : versionHeader(deleted.versionId)),
    },
  };
};

const MAX_KEYS = 1_000;
const MAX_DOCUMENT = 2 * 1024 ** 2;

/** One entry of DeleteObjects: what it did, or why not; another entry is not touched by that. */
function entry(s3: S3, call: ObjectCall, versionId: string | undefined, etag: string | undefined): XmlElement {
  const named: readonly XmlElement[] = [
    ['Key', call.key],
    ['VersionId', versionId],
  ];
  try {
    authorize(s3, call, versionId);
    const deleted = deleteOne(s3, call, versionId, { absent: false, etag });
    const marker: readonly XmlElement[] = deleted.marker
      ? [
          ['DeleteMarker', true],
          ['DeleteMarkerVersionId', deleted.versionId],
        ]
      : [];
    return ['Deleted', [...named, ...marker]];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return ['Error', [...named, ['Code', error.code], ['Message', error.message]]];
  }
}

export const deleteObjects: Operation<BucketCall> = async (s3, call) => {
  const declared = declaredBody(call.headers);
  if (!declared.md5 && !declared.checksum) {
    throw refuse.invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  const document = await readDocument(call, 'Delete', MAX_DOCUMENT);
  const objects = document.all('Object');
  if (objects.length === 0 || objects.length > MAX_KEYS) throw refuse.malformedXml();
  const entries = objects.map((object) => {
    const key = object.required('Key');
    const etag = object.get('ETag');
    // The condition of an entry takes the place of the header.
    const headers = etag === undefined ? call.headers : { ...call.headers, 'if-match': etag };
    return entry(s3, { ...call, headers, key }, object.get('VersionId'), etag);
  });
  const quiet = document.get('Quiet') === 'true';
  return xmlResponse(xmlDocument('DeleteResult', quiet ? entries.filter(([name]) => name === 'Error') : entries));
};
