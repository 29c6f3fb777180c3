/** What every operation is given: the service's means, and one call with its address resolved. */
import type { Clock } from '../../shared/ports.ts';
import type { ApiRequest, ApiResponse, Authorizer, KeyRing } from '../service.ts';
import type { Store } from '../store.ts';
import type { BlobStore } from './blobs.ts';
import type { Headers } from './body/declared.ts';
import type { Bucket } from './bucket.ts';
import type { Uploads } from './state/uploads.ts';
import type { Versions } from './state/versions.ts';

export interface S3 {
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
  readonly blobs: BlobStore;
  readonly versions: Versions;
  readonly uploads: Uploads;
  readonly buckets: ReadonlyMap<string, Bucket>;
}

export interface Call {
  readonly request: ApiRequest;
  /** The request's headers, and what a presigned URL carries in its query instead. */
  readonly headers: Headers;
  readonly query: URLSearchParams;
}

export interface BucketCall extends Call {
  readonly bucket: Bucket;
}

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

export type Operation<C extends Call> = (s3: S3, call: C) => ApiResponse | Promise<ApiResponse>;

/** Now, in whole seconds, as S3 keeps times; epoch milliseconds. */
export const wholeSecond = (s3: S3): number => Math.floor(s3.clock.now() / 1_000) * 1_000;

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
export const httpTime = (milliseconds: number): string => new Date(milliseconds).toUTCString();

export const xmlResponse = (body: string, headers: Headers = {}): ApiResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body,
});
