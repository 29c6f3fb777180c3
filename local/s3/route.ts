/** Which operation a request names, and on what. */
import type { ApiRequest } from '../service.ts';
import { refuse } from './errors.ts';
import { ROUTES } from './routes.ts';

export interface Address {
  readonly bucket: string | undefined;
  /** Decoded; undefined when the request is about the bucket. */
  readonly key: string | undefined;
}

const VIRTUAL_HOST =
  /^(?<bucket>[a-z0-9][a-z0-9.-]+)\.(?:s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?|(?:s3\.)?localhost)$/;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse.invalidUri();
  }
}

/** Virtual-host style when the host names a bucket, path style otherwise (as for an IP address). */
export function addressOf(request: ApiRequest): Address {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const path = request.path.replace(/^\//, '');
  const named = VIRTUAL_HOST.exec(host)?.groups?.bucket;
  if (named !== undefined && named !== 's3') return { bucket: named, key: path === '' ? undefined : decode(path) };
  if (path === '') return { bucket: undefined, key: undefined };
  const slash = path.indexOf('/');
  const bucket = decode(slash < 0 ? path : path.slice(0, slash));
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return { bucket, key: key === '' ? undefined : decode(key) };
}

/** Name of the operation; undefined when S3 itself has none of that form. */
export function operationOf(request: ApiRequest): string | undefined {
  const { bucket, key } = addressOf(request);
  const level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  return ROUTES.find(
    (route) =>
      route.level === level &&
      route.method === request.method &&
      (route.query ?? []).every((name) => request.query.has(name)) &&
      (route.header === undefined || request.headers[route.header] !== undefined || request.query.has(route.header)),
  )?.operation;
}
