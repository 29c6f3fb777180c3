/** Object storage for the state machines, in the name of their role: Step Functions calls S3 from outside every VPC. */

import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { readXml } from '../s3/xml/read.ts';
import { ApiError, type ApiResponse, type Caller, type Service } from '../service.ts';
import type { ListedObject, ObjectAccess } from './surroundings.ts';

export interface ObjectAccessOptions {
  readonly s3: Service;
  readonly region: string;
  uuid(): string;
}

/** @param caller made anew for every call, so that a role that is no longer trusted is refused */
export function createObjectAccess(options: ObjectAccessOptions, caller: () => Caller): ObjectAccess {
  const call = async (
    method: string,
    bucket: string,
    key: string,
    query: Readonly<Record<string, string>>,
    body = '',
  ): Promise<ApiResponse> => {
    const path = `/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const response = await options.s3.handle({
      // It came over no wire: it has no place among the calls of the gateway, and nothing signed it.
      sequence: 0,
      requestId: options.uuid(),
      service: 's3',
      method,
      path: key === '' ? `/${bucket}` : path,
      query: new URLSearchParams(query),
      headers: {
        host: `s3.${options.region}.amazonaws.com`,
        'content-length': String(Buffer.byteLength(body)),
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        ...(method === 'PUT' ? { 'content-type': 'application/json' } : {}),
      },
      body: Readable.from(body === '' ? [] : [Buffer.from(body)]),
      caller: caller(),
      signature: { seed: '', signingKey: Buffer.alloc(0), timestamp: '', scope: '' },
    });
    if (response.status >= 400) throw new ApiError(await errorCode(response), 'S3 refused.', response.status);
    return response;
  };

  return {
    read: async (bucket, key, versionId) => {
      const response = await call('GET', bucket, key, versionId === undefined ? {} : { versionId });
      return streamOf(response);
    },
    write: async (bucket, key, body) => {
      await call('PUT', bucket, key, {}, body);
    },
    list: (bucket, prefix) => listing(prefix, (query) => call('GET', bucket, '', query)),
  };
}

async function* listing(
  prefix: string,
  call: (query: Readonly<Record<string, string>>) => Promise<ApiResponse>,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { 'continuation-token': token };
    const response = await call({ 'list-type': '2', prefix, ...next });
    const document = readXml(await buffer(streamOf(response)), 'ListBucketResult');
    for (const entry of document.all('Contents')) {
      yield {
        key: entry.required('Key'),
        etag: entry.required('ETag'),
        size: Number(entry.required('Size')),
        lastModified: entry.required('LastModified'),
        storageClass: entry.get('StorageClass') ?? 'STANDARD',
      };
    }
    token = document.get('NextContinuationToken');
  } while (token !== undefined);
}

function streamOf({ body }: ApiResponse): Readable {
  if (body instanceof Readable) return body;
  return Readable.from(body === undefined ? [] : [Buffer.from(body)]);
}

async function errorCode(response: ApiResponse): Promise<string> {
  return /<Code>(\w+)<\/Code>/.exec(await text(streamOf(response)))?.[1] ?? `HTTP${response.status}`;
}
