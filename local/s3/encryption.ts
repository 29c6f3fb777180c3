/**
 * Server-side encryption: which key an object gets, and how its data key is made and opened. Both ask KMS for the caller's
 * permission, as S3 does on the caller's behalf (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ApiError, type Caller } from '../service.ts';
import type { Store } from '../store.ts';
import type { Headers } from './body/declared.ts';
import type { Bucket } from './bucket.ts';
import type { S3 } from './call.ts';
import { refuse } from './errors.ts';
import type { EncryptionRecord } from './state/schema.ts';

export interface EncryptionChoice {
  readonly algorithm: 'aws:kms' | 'AES256';
  readonly keyId: string | undefined;
  readonly bucketKey: boolean;
  /** What the client adds to the encryption context. */
  readonly context: Readonly<Record<string, string>>;
}

const SSE = 'x-amz-server-side-encryption';

const contextSchema = z.record(z.string(), z.string());

function clientContext(header: string | undefined): Readonly<Record<string, string>> {
  if (header === undefined) return {};
  try {
    return contextSchema.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  } catch {
    throw refuse.invalidArgument('The encryption context is not base64 of a JSON object of strings', `${SSE}-context`);
  }
}

/** By the headers; without them, by the bucket's default. */
export function chooseEncryption(bucket: Bucket, headers: Headers): EncryptionChoice {
  const algorithm = headers[SSE];
  const keyId = headers[`${SSE}-aws-kms-key-id`];
  if (algorithm !== undefined && algorithm !== 'aws:kms' && algorithm !== 'AES256') {
    throw refuse.notImplemented('this server-side encryption');
  }
  if (algorithm !== 'aws:kms' && keyId !== undefined) {
    throw refuse.invalidArgument(
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      SSE,
    );
  }
  const chosen = algorithm ?? bucket.encryption.algorithm;
  if (chosen === 'AES256') return { algorithm: chosen, keyId: undefined, bucketKey: false, context: {} };
  const bucketKey = headers[`${SSE}-bucket-key-enabled`];
  return {
    algorithm: chosen,
    // A client that asks for KMS and names no key gets the account's key for S3, not the bucket's.
    keyId: (algorithm === undefined ? bucket.encryption.keyId : keyId) ?? 'alias/aws/s3',
    bucketKey: bucketKey === undefined ? bucket.bucketKey : bucketKey === 'true',
    context: clientContext(headers[`${SSE}-context`]),
  };
}

export interface ObjectKey {
  readonly record: EncryptionRecord;
  readonly key: Buffer;
}

/** KMS's refusals as S3 tells them. */
function throughKms<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code.startsWith('AccessDenied')) throw refuse.accessDenied(error.message);
    throw new ApiError(`KMS.${error.code}`, error.message, 400);
  }
}

/** Authorises `kms:GenerateDataKey` and makes the data key of one object or multipart upload. */
export function newObjectKey(
  s3: S3,
  caller: Caller,
  choice: EncryptionChoice,
  target: { readonly bucket: Bucket; readonly key: string },
): ObjectKey {
  if (choice.algorithm === 'AES256' || choice.keyId === undefined) return newServiceKey(s3.store);
  const { keyId } = choice;
  // With a bucket key the context is the bucket's ARN, without it the object's.
  const arn = choice.bucketKey ? target.bucket.arn : `${target.bucket.arn}/${target.key}`;
  const context = { ...choice.context, 'aws:s3:arn': arn };
  return throughKms(() => {
    s3.keyRing.authorizeVia(caller, 's3', 'kms:GenerateDataKey', keyId, context);
    const made = s3.keyRing.newDataKey(keyId, context);
    const record: EncryptionRecord = {
      algorithm: 'aws:kms',
      keyArn: made.keyArn,
      bucketKey: choice.bucketKey,
      context,
      wrapped: made.wrapped.toString('base64'),
    };
    return { record, key: made.plaintext };
  });
}

/** Authorises `kms:Decrypt` where the object is under KMS, and changes nothing. */
export function authorizeDecrypt(s3: S3, caller: Caller, record: EncryptionRecord): void {
  const { keyArn } = record;
  if (keyArn !== undefined) {
    throughKms(() => s3.keyRing.authorizeVia(caller, 's3', 'kms:Decrypt', keyArn, record.context));
  }
}

/** Authorises `kms:Decrypt` and opens the data key. */
export function openObjectKey(s3: S3, caller: Caller, record: EncryptionRecord): Buffer {
  authorizeDecrypt(s3, caller, record);
  const wrapped = Buffer.from(record.wrapped, 'base64');
  if (record.algorithm === 'AES256') return unwrap(serviceKey(s3.store), wrapped);
  return throughKms(() => s3.keyRing.openDataKey(wrapped, record.context)).plaintext;
}

/** Answers of every operation that writes or reads an object. */
export function encryptionHeaders(record: EncryptionRecord): Record<string, string> {
  return {
    [SSE]: record.algorithm,
    ...(record.keyArn === undefined ? {} : { [`${SSE}-aws-kms-key-id`]: record.keyArn }),
    ...(record.bucketKey ? { [`${SSE}-bucket-key-enabled`]: 'true' } : {}),
  };
}

// SSE-S3: keys of the service's own, which no caller needs a permission for. Here one key, kept with the state.

function serviceKey(store: Store): Buffer {
  const known = store.prepare('SELECT key FROM s3_service_key').get();
  if (known?.key instanceof Uint8Array) return Buffer.from(known.key);
  const key = randomBytes(32);
  store.prepare('INSERT INTO s3_service_key (one, key) VALUES (1, ?)').run(key);
  return key;
}

function newServiceKey(store: Store): ObjectKey {
  const key = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', serviceKey(store), iv);
  const wrapped = Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  return { record: { algorithm: 'AES256', bucketKey: false, context: {}, wrapped: wrapped.toString('base64') }, key };
}

function unwrap(key: Buffer, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12));
  decipher.setAuthTag(wrapped.subarray(-16));
  return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
}
