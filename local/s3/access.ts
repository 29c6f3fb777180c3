/**
 * What each call asks IAM: actions, resources and condition keys as the service authorization reference has them
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html).
 */
import type { AccessRequest, Caller } from '../service.ts';
import type { Bucket } from './bucket.ts';
import type { BucketCall, Call, ObjectCall, S3 } from './call.ts';

type Context = Readonly<Record<string, string | readonly string[]>>;

/** Condition keys that every call has. */
function callContext(s3: S3, call: Call): Context {
  const { request, headers } = call;
  const presigned = request.query.has('X-Amz-Signature');
  const signed = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(request.signature.timestamp);
  const [, year, month, day, hour, minute, second] = signed ?? [];
  const age = signed ? s3.clock.now() - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) : 0;
  return {
    's3:authType': presigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:signatureAge': String(Math.max(0, age)),
    's3:ResourceAccount': s3.accountId,
    // Loopback stands for the TLS 1.3 connection that the SDK makes to AWS.
    's3:TlsVersion': '1.3',
    ...(headers['x-amz-content-sha256'] === undefined
      ? {}
      : { 's3:x-amz-content-sha256': headers['x-amz-content-sha256'] }),
  };
}

const resourcePolicy = (bucket: Bucket): { resourcePolicy?: unknown } =>
  bucket.policy === undefined ? {} : { resourcePolicy: bucket.policy };

/** An action on the bucket. */
export function bucketAccess(s3: S3, call: BucketCall, action: string, context: Context = {}): AccessRequest {
  return {
    action,
    resource: call.bucket.arn,
    context: { ...callContext(s3, call), ...context },
    resourceAccount: s3.accountId,
    ...resourcePolicy(call.bucket),
  };
}

/** An action on an object, which need not exist. */
export function objectAccess(s3: S3, call: ObjectCall, action: string, context: Context = {}): AccessRequest {
  return { ...bucketAccess(s3, call, action, context), resource: `${call.bucket.arn}/${call.key}` };
}

/** An action on no resource. */
export function serviceAccess(s3: S3, call: Call, action: string): AccessRequest {
  return { action, resource: '*', context: callContext(s3, call), resourceAccount: s3.accountId };
}

/** Tags of an object that is there: `s3:ExistingObjectTag/<key>`. */
export const existingTags = (tags: Readonly<Record<string, string>> | undefined): Context =>
  Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [`s3:ExistingObjectTag/${key}`, value]));

/** Tags that the request brings. */
export function requestTags(tags: Readonly<Record<string, string>>): Context {
  const entries = Object.entries(tags);
  if (entries.length === 0) return {};
  return {
    ...Object.fromEntries(entries.map(([key, value]) => [`s3:RequestObjectTag/${key}`, value])),
    's3:RequestObjectTagKeys': entries.map(([key]) => key),
  };
}

/** Asks without consequence; falls back to a recorded question where the authorizer knows no silent one. */
export function mayDo(s3: S3, caller: Caller, request: AccessRequest): boolean {
  if (s3.authorizer.allows) return s3.authorizer.allows(caller, request);
  try {
    s3.authorizer.require(caller, request);
    return true;
  } catch {
    return false;
  }
}
