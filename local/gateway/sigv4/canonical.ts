/**
 * The canonical request and the string to sign of Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
import { createHash, createHmac } from 'node:crypto';
import type { SignatureClaim } from './claim.ts';
import type { RequestLine } from './request-line.ts';

export function stringToSign(request: RequestLine, claim: SignatureClaim, payloadHash: string): string {
  const canonical = [
    request.method,
    canonicalPath(request.path, claim.service),
    canonicalQuery(request.rawQuery),
    ...claim.signedHeaders.map((name) => `${name}:${collapse(request.headers[name] ?? '')}`),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  return ['AWS4-HMAC-SHA256', claim.timestamp, claim.scope, sha256(canonical)].join('\n');
}

export function signingKey(secretAccessKey: string, { date, region, service }: SignatureClaim): Buffer {
  let key = Buffer.from(`AWS4${secretAccessKey}`);
  for (const part of [date, region, service, 'aws4_request']) key = hmac(key, part);
  return key;
}

export const hmac = (key: Buffer, text: string): Buffer<ArrayBuffer> => createHmac('sha256', key).update(text).digest();
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** RFC 3986 section 2.3: everything but the unreserved characters, of which encodeURIComponent leaves five more alone. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** S3 encodes the path once, every other service what was sent once more. */
function canonicalPath(path: string, service: string): string {
  const once = (segment: string): string => encode(service === 's3' ? decode(segment) : segment);
  return path === '' ? '/' : path.split('/').map(once).join('/');
}

function canonicalQuery(rawQuery: string): string {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): readonly [string, string] => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [encode(decode(name)), encode(decode(value))];
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(byCodePoint)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** By name and then by value. Both are encoded, so that code units are bytes. */
function byCodePoint(one: readonly [string, string], other: readonly [string, string]): number {
  const [left, right] = one[0] === other[0] ? [one[1], other[1]] : [one[0], other[0]];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const collapse = (value: string): string => value.trim().replaceAll(/ {2,}/g, ' ');
