/** The headers of PutObject, CopyObject and CreateMultipartUpload, understood. */
import type { DeclaredBody, Headers } from './body/declared.ts';
import { type ObjectCall, type S3, wholeSecond } from './call.ts';
import { chooseEncryption, type EncryptionChoice } from './encryption.ts';
import { refuse, S3Error } from './errors.ts';
import { effectiveLock, type Lock, requestedLock } from './retention.ts';
import { type Tags, tagsInHeader } from './tags.ts';

export const MAX_PUT_BYTES = 5 * 1024 ** 3;
const MAX_METADATA_BYTES = 2_048;

export interface WritePlan {
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly encryption: EncryptionChoice;
  readonly requestedLock: Partial<Lock>;
  readonly lock: Lock;
}

const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];

function keptHeaders(headers: Headers): Record<string, string> {
  const kept = Object.fromEntries(KEPT_HEADERS.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])));
  // `aws-chunked` is how the body travels, not what it is.
  const encodings = (headers['content-encoding'] ?? '').split(',').map((each) => each.trim());
  const encoding = encodings.filter((each) => each !== '' && each !== 'aws-chunked').join(',');
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding };
}

function userMetadata(headers: Headers): Record<string, string> {
  const pairs = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-amz-meta-'))
    .map(([name, value]) => [name.slice('x-amz-meta-'.length), value] as const);
  const bytes = pairs.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
      Size: String(bytes),
      MaxSizeAllowed: String(MAX_METADATA_BYTES),
    });
  }
  return Object.fromEntries(pairs);
}

export function planWrite(s3: S3, call: ObjectCall): WritePlan {
  const now = wholeSecond(s3);
  const requested = requestedLock(call.bucket, call.headers, now);
  return {
    headers: keptHeaders(call.headers),
    metadata: userMetadata(call.headers),
    tags: tagsInHeader(call.headers['x-amz-tagging']),
    encryption: chooseEncryption(call.bucket, call.headers),
    requestedLock: requested,
    lock: effectiveLock(call.bucket, requested, now),
  };
}

/** S3 takes an object that will be retained only with a digest of its body. */
export function requireDigestUnderLock(declared: DeclaredBody, lock: Lock): void {
  if ((lock.retention || lock.legalHold) && !declared.md5 && !declared.checksum) {
    throw refuse.invalidRequest(
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
  }
}
