/**
 * The object storage of the embedded cloud: S3's REST API over the buckets of a deployment. It authorises before it acts,
 * commits an object and its event in one transaction, and refuses by name what it does not implement.
 */
import { join } from 'node:path';
import type { Clock } from '../../shared/ports.ts';
import { createOutbox } from '../events/outbox.ts';
import type { ApiRequest, ApiResponse, Authorizer, Deployment, KeyRing, Service } from '../service.ts';
import { ApiError } from '../service.ts';
import type { Store } from '../store.ts';
import { BlobStore } from './blobs.ts';
import { type Bucket, bucketsOf } from './bucket.ts';
import type { BucketCall, Call, ObjectCall, Operation, S3 } from './call.ts';
import { refuse, S3Error } from './errors.ts';
import { type Expired, expire } from './lifecycle.ts';
import * as buckets from './operations/buckets.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteObject, deleteObjects } from './operations/delete-object.ts';
import { getObject, headObject } from './operations/get-object.ts';
import { listObjectsV2, listObjectVersions } from './operations/list-objects.ts';
import { completeMultipartUpload } from './operations/multipart/complete.ts';
import { abortMultipartUpload, createMultipartUpload } from './operations/multipart/create.ts';
import { listMultipartUploads, listParts } from './operations/multipart/list.ts';
import { uploadPart } from './operations/multipart/upload-part.ts';
import { uploadPartCopy } from './operations/multipart/upload-part-copy.ts';
import { getObjectAttributes } from './operations/object-attributes.ts';
import * as lock from './operations/object-lock.ts';
import * as tagging from './operations/object-tagging.ts';
import { putObject } from './operations/put-object.ts';
import { addressOf, operationOf } from './route.ts';
import { createTables } from './state/schema.ts';
import { Uploads } from './state/uploads.ts';
import { Versions } from './state/versions.ts';
import { understoodHeaders } from './understood.ts';
import { xmlDocument } from './xml/write.ts';

const ACCOUNT_OPERATIONS: Readonly<Record<string, Operation<Call>>> = { ListBuckets: buckets.listBuckets };

const BUCKET_OPERATIONS: Readonly<Record<string, Operation<BucketCall>>> = {
  DeleteObjects: deleteObjects,
  GetBucketEncryption: buckets.getBucketEncryption,
  GetBucketLocation: buckets.getBucketLocation,
  GetBucketPolicy: buckets.getBucketPolicy,
  GetBucketVersioning: buckets.getBucketVersioning,
  GetObjectLockConfiguration: buckets.getObjectLockConfiguration,
  HeadBucket: buckets.headBucket,
  ListMultipartUploads: listMultipartUploads,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
};

const OBJECT_OPERATIONS: Readonly<Record<string, Operation<ObjectCall>>> = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateMultipartUpload: createMultipartUpload,
  DeleteObject: deleteObject,
  DeleteObjectTagging: tagging.deleteObjectTagging,
  GetObject: getObject,
  GetObjectAttributes: getObjectAttributes,
  GetObjectLegalHold: lock.getObjectLegalHold,
  GetObjectRetention: lock.getObjectRetention,
  GetObjectTagging: tagging.getObjectTagging,
  HeadObject: headObject,
  ListParts: listParts,
  PutObject: putObject,
  PutObjectLegalHold: lock.putObjectLegalHold,
  PutObjectRetention: lock.putObjectRetention,
  PutObjectTagging: tagging.putObjectTagging,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
};

/** Longest key, in bytes of UTF-8. */
const MAX_KEY = 1_024;

export interface S3ServiceOptions {
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
}

export interface S3Service extends Service {
  /**
   * Makes the buckets of the deployment what their templates say. Repeating it changes nothing; objects stay. Throws
   * `Problem('not-implemented')` for a property that would have to be ignored.
   */
  provision(deployment: Deployment): void;
  /** Applies the buckets' lifecycle rules as of a moment (epoch milliseconds); nothing else does. */
  expire(now: number): Expired;
}

/** Sweeps what an interrupted process left behind, then serves what the store holds. One process has a store at a time. */
export function createS3Service(options: S3ServiceOptions): S3Service {
  const { store } = options;
  createTables(store);
  createOutbox(store);
  const blobs = new BlobStore(join(store.folder, 's3'));
  const named = store.prepare(
    'SELECT 1 FROM s3_segments WHERE file = ?1 UNION ALL SELECT 1 FROM s3_parts WHERE file = ?1',
  );
  blobs.sweep((file) => named.get(file) !== undefined);

  const known = new Map<string, Bucket>();
  const s3: S3 = { ...options, blobs, buckets: known, versions: new Versions(store), uploads: new Uploads(store) };

  return {
    signingName: 's3',
    operation: (request) => `S3.${operationOf(request) ?? 'Unknown'}`,
    handle: async (request) => {
      try {
        return completed(request, await dispatch(s3, request));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return completed(request, errorResponse(request, error));
      }
    },
    provision: (deployment) => {
      const described = bucketsOf(deployment);
      store.transaction(() => {
        const insert = store.prepare('INSERT OR IGNORE INTO s3_buckets (name, created) VALUES (?, ?)');
        for (const bucket of described) insert.run(bucket.name, options.clock.now());
      });
      known.clear();
      for (const bucket of described) known.set(bucket.name, bucket);
    },
    expire: (now) => expire(s3, now),
  };
}

function dispatch(s3: S3, request: ApiRequest): ApiResponse | Promise<ApiResponse> {
  const operation = operationOf(request);
  if (operation === undefined) throw refuse.methodNotAllowed({});
  const forAccount = ACCOUNT_OPERATIONS[operation];
  const forBucket = BUCKET_OPERATIONS[operation];
  const forObject = OBJECT_OPERATIONS[operation];
  if (!forAccount && !forBucket && !forObject) throw refuse.notImplemented(operation);

  const call: Call = { request, query: request.query, headers: understoodHeaders(request) };
  if (forAccount) return forAccount(s3, call);
  const { bucket: name = '', key = '' } = addressOf(request);
  const bucket = s3.buckets.get(name);
  if (!bucket) throw refuse.noSuchBucket(name);
  const owner = call.headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== s3.accountId) throw refuse.accessDenied();
  if (forBucket) return forBucket(s3, { ...call, bucket });
  if (!forObject) throw refuse.notImplemented(operation);
  if (Buffer.byteLength(key) > MAX_KEY) throw refuse.keyTooLong();
  return forObject(s3, { ...call, bucket, key });
}

/** With the headers that every answer has. */
function completed(request: ApiRequest, response: ApiResponse): ApiResponse {
  const bare = response.body === undefined && request.method !== 'HEAD' && response.status !== 204;
  return {
    ...response,
    headers: {
      'x-amz-request-id': request.requestId,
      'x-amz-id-2': request.requestId,
      server: 'AmazonS3',
      ...(bare && response.status !== 304 ? { 'content-length': '0' } : {}),
      ...response.headers,
    },
  };
}

function errorResponse(request: ApiRequest, error: ApiError): ApiResponse {
  const headers = error instanceof S3Error ? error.headers : {};
  if (request.method === 'HEAD') return { status: error.status, headers };
  const body = xmlDocument(
    'Error',
    [
      ['Code', error.code],
      ['Message', error.message],
      ...Object.entries(error.extra),
      ['RequestId', request.requestId],
      ['HostId', request.requestId],
    ],
    false,
  );
  return { status: error.status, headers: { 'content-type': 'application/xml', ...headers }, body };
}
