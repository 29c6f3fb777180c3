/** Which operation a request names, and on what. */
import type { ApiRequest } from '../service.ts';
import { refuse } from './errors.ts';
import { ROUTES } from './routes.ts';

export interface Address {
  readonly bucket: string | undefined;
  /** Undefined when the request is about the bucket. */
  readonly key: string | undefined;
}

type Named = Pick<ApiRequest, 'method' | 'path' | 'query' | 'headers'>;

const VIRTUAL_HOST =
  /^(?<bucket>[a-z0-9][a-z0-9.-]+?)\.(?:s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?|(?:s3\.)?localhost)$/;

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    throw refuse.invalidUri();
  }
}

/** Still percent-encoded. Virtual-host style when the host names a bucket, path style otherwise (as for an IP address). */
function encodedAddress(request: Named): Address {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const path = request.path.replace(/^\//, '');
  const named = VIRTUAL_HOST.exec(host)?.groups?.bucket;
  if (named !== undefined && named !== 's3') return { bucket: named, key: path === '' ? undefined : path };
  if (path === '') return { bucket: undefined, key: undefined };
  const slash = path.indexOf('/');
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return { bucket: slash < 0 ? path : path.slice(0, slash), key: key === '' ? undefined : key };
}

/** Throws 400 for what is not UTF-8, percent-encoded. */
export function addressOf(request: Named): Address {
  const { bucket, key } = encodedAddress(request);
  return { bucket: decode(bucket), key: decode(key) };
}

/** Name of the operation; undefined when S3 itself has none of that form. Never throws. */
export function operationOf(request: Named): string | undefined {
  const { bucket, key } = encodedAddress(request);
  const level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  return ROUTES.find(
    (route) =>
      route.level === level &&
      route.method === request.method &&
      (route.query ?? []).every((name) => request.query.has(name)) &&
      (route.header === undefined || request.headers[route.header] !== undefined || request.query.has(route.header)),
  )?.operation;
}
