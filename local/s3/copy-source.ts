/** The source of CopyObject and UploadPartCopy: another object, read on the caller's behalf. */

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { AccessRequest } from '../service.ts';
import { existingTags, objectAccess } from './access.ts';
import type { BlobWriter } from './blobs.ts';
import type { ObjectCall, S3 } from './call.ts';
import { type Algorithm, startChecksum } from './checksum/algorithms.ts';
import { openObjectKey } from './encryption.ts';
import { refuse } from './errors.ts';
import { isNotModified } from './preconditions.ts';
import { type ByteRange, parseRange } from './range.ts';
import { type Found, missing } from './reading.ts';
import type { ObjectVersion } from './state/schema.ts';

export interface CopySource {
  /** The call, turned to the source. */
  readonly call: ObjectCall;
  readonly versionId: string | undefined;
  readonly version: ObjectVersion | undefined;
  /** What reading it takes. */
  readonly access: AccessRequest;
}

/** `[/]bucket/key[?versionId=…]`, percent-encoded. Nothing is authorised yet. */
export function copySource(s3: S3, call: ObjectCall): CopySource {
  const header = call.headers['x-amz-copy-source'] ?? '';
  const match = /^\/?([^/?]+)\/(.+?)(?:\?versionId=([^&]+))?$/.exec(header);
  const [, name, encoded, versionId] = match ?? [];
  if (name === undefined || encoded === undefined) {
    throw refuse.invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
    );
  }
  const bucket = s3.buckets.get(name);
  if (!bucket) throw refuse.noSuchBucket(name);
  const owner = call.headers['x-amz-source-expected-bucket-owner'];
  if (owner !== undefined && owner !== s3.accountId) throw refuse.accessDenied();
  let key: string;
  try {
    key = decodeURIComponent(encoded);
  } catch {
    throw refuse.invalidUri();
  }
  const version = versionId === undefined ? s3.versions.latest(name, key) : s3.versions.get(name, key, versionId);
  const source: ObjectCall = { ...call, bucket, key };
  const conditions = existingTags(version?.content?.tags);
  const access =
    versionId === undefined
      ? objectAccess(s3, source, 's3:GetObject', conditions)
      : objectAccess(s3, source, 's3:GetObjectVersion', { ...conditions, 's3:versionid': versionId });
  return { call: source, versionId, version, access };
}

/** The source's content, once its access has been granted. Throws 404, 400 for a delete marker, 412. */
export function sourceContent(s3: S3, source: CopySource): Found {
  const { version, versionId, call } = source;
  if (!version) {
    const absent = versionId === undefined ? refuse.noSuchKey(call.key) : refuse.noSuchVersion(call.key, versionId);
    throw missing(s3, call, absent);
  }
  if (!version.content) {
    if (versionId === undefined) throw missing(s3, call, refuse.noSuchKey(call.key));
    throw refuse.invalidRequest(
      'The source of a copy request may not specifically refer to a delete marker by version id.',
    );
  }
  const found = { version, content: version.content };
  const target = { etag: found.content.etag, modified: version.modified };
  // A copy has no 304: what a read would answer with it fails here.
  if (isNotModified(call.headers, target, 'x-amz-copy-source-'))
    throw refuse.preconditionFailed('x-amz-copy-source-If-');
  return found;
}

export function sourceRange(call: ObjectCall, size: number): ByteRange {
  const header = call.headers['x-amz-copy-source-range'];
  if (header === undefined) return { start: 0, end: size };
  const range = /^bytes=\d+-\d+$/.test(header) ? parseRange(header, size) : undefined;
  if (!range || `bytes=${range.start}-${range.end - 1}` !== header) {
    throw refuse.invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
    );
  }
  return range;
}

/** Opens the source under the caller's `kms:Decrypt`. */
export function openSource(s3: S3, source: CopySource, { version, content }: Found, range: ByteRange): Readable {
  const key = openObjectKey(s3, source.call.request.caller, content.encryption);
  return s3.blobs.read(s3.versions.segments(version.sequence), key, range.start, range.end);
}

export interface Transferred {
  readonly md5: Buffer;
  /** Base64. */
  readonly checksum: string;
}

/** Moves the bytes over, from one key to another. */
export async function transfer(stream: Readable, writer: BlobWriter, algorithm: Algorithm): Promise<Transferred> {
  const md5 = createHash('md5');
  const checksum = startChecksum(algorithm);
  for await (const piece of stream) {
    md5.update(piece);
    checksum.update(piece);
    await writer.write(piece);
  }
  return { md5: md5.digest(), checksum: checksum.digest() };
}
