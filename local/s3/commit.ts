/** From a body to a visible object version. */
import { randomBytes } from 'node:crypto';
import type { BlobWriter, WrittenBlob } from './blobs.ts';
import { type ObjectCall, type S3, wholeSecond } from './call.ts';
import { checksumHeader } from './checksum/algorithms.ts';
import { encryptionHeaders } from './encryption.ts';
import { type CreationReason, objectCreated } from './events.ts';
import { requireStillHolds, type WriteCondition } from './preconditions.ts';
import type { ObjectContent, ObjectVersion, Segment } from './state/schema.ts';

/** Fills a new blob; nothing is left of it when `fill` throws. */
export async function intoBlob<T>(
  s3: S3,
  key: Buffer,
  fill: (writer: BlobWriter) => Promise<T>,
): Promise<{ readonly blob: WrittenBlob; readonly filled: T }> {
  const writer = await s3.blobs.create(key);
  try {
    const filled = await fill(writer);
    return { blob: await writer.commit(), filled };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

// URL-safe, and never beginning with a dash, which command lines would take for an option.
export const newId = (): string => randomBytes(24).toString('base64url').replaceAll('-', '.');

export interface Commit {
  readonly content: ObjectContent;
  readonly segments: readonly Segment[];
  readonly reason: CreationReason;
  /** Files to discard when the commit fails. A multipart upload has none: its parts wait for another try. */
  readonly fresh: readonly string[];
  readonly condition: WriteCondition;
  /** The current version when the call came in. */
  readonly before: ObjectVersion | undefined;
  /** More work for the same transaction. */
  readonly also?: (versionId: string) => void;
}

/**
 * The point of no return: one transaction makes the version visible and enqueues its event. When this returns, the object
 * survives a crash; when it throws, it never existed.
 */
export function commitVersion(s3: S3, call: ObjectCall, commit: Commit): string {
  const versionId = call.bucket.versioning === 'Enabled' ? newId() : 'null';
  let orphans = commit.fresh;
  try {
    orphans = s3.store.transaction(() => makeVisible(s3, call, commit, versionId));
  } finally {
    s3.blobs.discard(orphans);
  }
  return versionId;
}

/** Gives the files of the version that was replaced, where the bucket keeps no versions. */
function makeVisible(s3: S3, call: ObjectCall, commit: Commit, versionId: string): readonly string[] {
  const { bucket, key } = call;
  requireStillHolds(commit.condition, key, commit.before, s3.versions.latest(bucket.name, key));
  const replaced = versionId === 'null' ? s3.versions.get(bucket.name, key, versionId) : undefined;
  const files = replaced ? s3.versions.remove(replaced) : [];
  const sequence = s3.versions.insert({
    bucket: bucket.name,
    key,
    versionId,
    modified: wholeSecond(s3),
    content: commit.content,
    segments: commit.segments,
  });
  objectCreated(s3, call, { reason: commit.reason, content: commit.content, versionId, sequence });
  commit.also?.(versionId);
  return files;
}

export const versionHeader = (versionId: string): Record<string, string> =>
  versionId === 'null' ? {} : { 'x-amz-version-id': versionId };

/** What the answer to a write tells about the object. */
export function writtenHeaders(content: ObjectContent, versionId: string): Record<string, string> {
  return {
    etag: `"${content.etag}"`,
    ...versionHeader(versionId),
    ...encryptionHeaders(content.encryption),
    [checksumHeader(content.checksum.algorithm)]: content.checksum.value,
    'x-amz-checksum-type': content.checksum.type,
  };
}
