/** Finding the version that a read means, and what every read tells about it. */
import type { AccessRequest } from '../service.ts';
import { bucketAccess, existingTags, mayDo, objectAccess } from './access.ts';
import { httpTime, type ObjectCall, type S3 } from './call.ts';
import { checksumHeader } from './checksum/algorithms.ts';
import { versionHeader } from './commit.ts';
import { encryptionHeaders } from './encryption.ts';
import { refuse, type S3Error } from './errors.ts';
import type { ObjectContent, ObjectVersion } from './state/schema.ts';

export interface Found {
  readonly version: ObjectVersion;
  readonly content: ObjectContent;
}

/** Names of the actions: on the current version, and on one named by id. */
export interface ReadActions {
  readonly current: readonly string[];
  readonly version: readonly string[];
}

export interface MoreAccess {
  /** Condition keys beside those of the version. */
  readonly conditions?: Readonly<Record<string, string | readonly string[]>>;
  readonly also?: readonly AccessRequest[];
}

/** `s3:GetObjectTagging` and `s3:GetObjectVersionTagging`; some actions have one name for both. */
export const readActions = (current: string, version = current): ReadActions => ({
  current: [current],
  version: [version],
});

export const GET_OBJECT = readActions('s3:GetObject', 's3:GetObjectVersion');

export function versionIdOf(call: ObjectCall): string | undefined {
  const versionId = call.query.get('versionId') ?? undefined;
  if (versionId === '') throw refuse.invalidArgument('Version id cannot be the empty string', 'versionId');
  return versionId;
}

/** 404 for who may list the bucket; for others there is no telling whether the object exists. */
export function missing(s3: S3, call: ObjectCall, absence: S3Error): S3Error {
  const list = bucketAccess(s3, call, 's3:ListBucket');
  return mayDo(s3, call.request.caller, list) ? absence : refuse.accessDenied();
}

/**
 * Authorises the actions on the version that the call names (or the current one), then finds it. Throws 403, 404, or 405
 * where a delete marker is named.
 */
export function findVersion(s3: S3, call: ObjectCall, actions: ReadActions, more: MoreAccess = {}): Found {
  const { bucket, key, request } = call;
  const versionId = versionIdOf(call);
  const version =
    versionId === undefined ? s3.versions.latest(bucket.name, key) : s3.versions.get(bucket.name, key, versionId);
  const conditions = {
    ...existingTags(version?.content?.tags),
    ...(versionId === undefined ? {} : { 's3:versionid': versionId }),
    ...more.conditions,
  };
  const needed = versionId === undefined ? actions.current : actions.version;
  const requests = needed.map((action) => objectAccess(s3, call, action, conditions));
  s3.authorizer.require(request.caller, ...requests, ...(more.also ?? []));
  if (!version) {
    throw missing(s3, call, versionId === undefined ? refuse.noSuchKey(key) : refuse.noSuchVersion(key, versionId));
  }
  if (version.content) return { version, content: version.content };
  const marker = { 'x-amz-delete-marker': 'true', ...versionHeader(version.versionId) };
  if (versionId === undefined) throw missing(s3, call, refuse.noSuchKey(key, marker));
  throw refuse.methodNotAllowed({ ...marker, allow: 'DELETE', 'last-modified': httpTime(version.modified) });
}

export function checksumHeaders(content: ObjectContent): Record<string, string> {
  const { algorithm, type, value } = content.checksum;
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type };
}

/** Headers that only who may read the setting itself gets to see. */
function lockHeaders(s3: S3, call: ObjectCall, content: ObjectContent): Record<string, string> {
  const may = (action: string): boolean => mayDo(s3, call.request.caller, objectAccess(s3, call, action));
  return {
    ...(content.retention && may('s3:GetObjectRetention')
      ? {
          'x-amz-object-lock-mode': content.retention.mode,
          'x-amz-object-lock-retain-until-date': new Date(content.retention.until).toISOString(),
        }
      : {}),
    ...(content.legalHold && may('s3:GetObjectLegalHold') ? { 'x-amz-object-lock-legal-hold': 'ON' } : {}),
  };
}

/** Headers of GetObject and HeadObject, but for those about the bytes sent. */
export function objectHeaders(s3: S3, call: ObjectCall, { version, content }: Found): Record<string, string> {
  const tags = Object.keys(content.tags).length;
  const mayTags = tags > 0 && mayDo(s3, call.request.caller, objectAccess(s3, call, 's3:GetObjectTagging'));
  return {
    'accept-ranges': 'bytes',
    'content-type': 'binary/octet-stream',
    ...content.headers,
    etag: `"${content.etag}"`,
    'last-modified': httpTime(version.modified),
    ...versionHeader(version.versionId),
    ...Object.fromEntries(Object.entries(content.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    ...encryptionHeaders(content.encryption),
    ...lockHeaders(s3, call, content),
    ...(mayTags ? { 'x-amz-tagging-count': String(tags) } : {}),
  };
}
