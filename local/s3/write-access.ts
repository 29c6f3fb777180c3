/** What a write asks IAM, and under which condition keys. */
import type { AccessRequest } from '../service.ts';
import { objectAccess, requestTags } from './access.ts';
import type { Headers } from './body/declared.ts';
import type { ObjectCall, S3 } from './call.ts';
import { lockConditions } from './retention.ts';
import type { WritePlan } from './write-plan.ts';

const SSE_CONDITIONS = ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'] as const;

/** The SSE headers as condition keys. Policies name keys by ARN; a client may name one by id. */
export function encryptionConditions(s3: S3, headers: Headers): Record<string, string> {
  return Object.fromEntries(
    SSE_CONDITIONS.flatMap((name) => {
      const value = headers[name];
      if (value === undefined) return [];
      const short = name !== SSE_CONDITIONS[0] && !value.startsWith('arn:');
      const path = value.startsWith('alias/') ? value : `key/${value}`;
      return [[`s3:${name}`, short ? `arn:aws:kms:${s3.region}:${s3.accountId}:${path}` : value]];
    }),
  );
}

const HEADER_CONDITIONS: Readonly<Record<string, string>> = {
  'if-match': 's3:if-match',
  'if-none-match': 's3:if-none-match',
  'x-amz-acl': 's3:x-amz-acl',
  'x-amz-metadata-directive': 's3:x-amz-metadata-directive',
  'x-amz-storage-class': 's3:x-amz-storage-class',
};

export interface WriteKind {
  /** Whether this call makes the object: a part does not, nor does the start of a multipart upload. */
  readonly creation: boolean;
  /** Condition keys besides those of the headers. */
  readonly conditions?: Readonly<Record<string, string>>;
}

/** Condition keys of `s3:PutObject`. */
export function putConditions(s3: S3, call: ObjectCall, kind: WriteKind): Record<string, string> {
  const { headers } = call;
  const given = Object.entries(HEADER_CONDITIONS).flatMap(([header, key]) => {
    const value = headers[header];
    return value === undefined ? [] : [[key, value]];
  });
  const source = headers['x-amz-copy-source'];
  return {
    ...Object.fromEntries(given),
    ...encryptionConditions(s3, headers),
    ...(source === undefined ? {} : { 's3:x-amz-copy-source': source.replace(/^\//, '') }),
    's3:ObjectCreationOperation': String(kind.creation),
    ...kind.conditions,
  };
}

/** Everything that a write with these headers needs of IAM. */
export function writeAccess(s3: S3, call: ObjectCall, plan: WritePlan, kind: WriteKind): readonly AccessRequest[] {
  const locks = lockConditions(plan.requestedLock, s3.clock.now());
  const context = { ...putConditions(s3, call, kind), ...locks, ...requestTags(plan.tags) };
  const also = (needed: boolean, action: string): readonly AccessRequest[] =>
    needed ? [objectAccess(s3, call, action, context)] : [];
  return [
    objectAccess(s3, call, 's3:PutObject', context),
    ...also(Object.keys(plan.tags).length > 0, 's3:PutObjectTagging'),
    ...also(plan.requestedLock.retention !== undefined, 's3:PutObjectRetention'),
    ...also(plan.requestedLock.legalHold !== undefined, 's3:PutObjectLegalHold'),
    ...also(call.headers['x-amz-acl'] !== undefined, 's3:PutObjectAcl'),
    // To compare ETags is to read.
    ...also(call.headers['if-match'] !== undefined, 's3:GetObject'),
  ];
}
