/**
 * Refuses what would have to be ignored: a header or a query parameter of S3's that nothing here acts on. Reads headers out
 * of a presigned URL's query first, where clients put them.
 */
import type { ApiRequest } from '../service.ts';
import type { Headers } from './body/declared.ts';
import { refuse } from './errors.ts';

/** Of authentication, which is the gateway's. */
const SIGNATURE_QUERY =
  /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|user-agent)$/i;

const QUERY = new Set([
  ...['list-type', 'prefix', 'delimiter', 'max-keys', 'start-after', 'continuation-token', 'encoding-type'],
  ...['fetch-owner', 'key-marker', 'version-id-marker', 'upload-id-marker', 'max-uploads', 'max-parts'],
  ...['part-number-marker', 'versions', 'uploads', 'uploadId', 'partNumber', 'versionId', 'tagging', 'retention'],
  ...['legal-hold', 'attributes', 'delete', 'location', 'versioning', 'object-lock', 'policy', 'encryption', 'x-id'],
  ...['response-cache-control', 'response-content-disposition', 'response-content-encoding'],
  ...['response-content-language', 'response-content-type', 'response-expires', 'max-buckets', 'bucket-region'],
]);

const HEADERS = new Set(
  [
    ...['date', 'security-token', 'content-sha256', 'decoded-content-length', 'trailer', 'sdk-checksum-algorithm'],
    ...['user-agent', 'expected-bucket-owner', 'source-expected-bucket-owner', 'request-payer', 'te'],
    ...['acl', 'storage-class', 'tagging', 'tagging-directive', 'metadata-directive', 'mp-object-size'],
    ...['server-side-encryption', 'server-side-encryption-aws-kms-key-id', 'server-side-encryption-context'],
    ...['server-side-encryption-bucket-key-enabled', 'bypass-governance-retention'],
    ...['object-lock-mode', 'object-lock-retain-until-date', 'object-lock-legal-hold'],
    ...['copy-source', 'copy-source-range', 'copy-source-if-match', 'copy-source-if-none-match'],
    ...['copy-source-if-modified-since', 'copy-source-if-unmodified-since'],
    ...['object-attributes', 'max-parts', 'part-number-marker'],
  ].map((name) => `x-amz-${name}`),
);

const isUnderstood = (header: string): boolean =>
  HEADERS.has(header) || header.startsWith('x-amz-meta-') || header.startsWith('x-amz-checksum-');

/** The headers that count. Throws 501 with the name of the first that nobody would act on. */
export function understoodHeaders(request: ApiRequest): Headers {
  const headers: Record<string, string> = { ...request.headers };
  for (const [name, value] of request.query) {
    if (SIGNATURE_QUERY.test(name) || QUERY.has(name)) continue;
    const header = name.toLowerCase();
    if (!header.startsWith('x-amz-')) throw refuse.notImplemented(`the query parameter ${name.slice(0, 40)}`);
    headers[header] ??= value;
  }
  const unknown = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !isUnderstood(name));
  if (unknown) throw refuse.notImplemented(`the header ${unknown}`);
  if (headers['x-amz-storage-class'] !== undefined && headers['x-amz-storage-class'] !== 'STANDARD') {
    throw refuse.notImplemented('storage classes other than STANDARD');
  }
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'bucket-owner-full-control') throw refuse.accessControlList();
  return headers;
}
