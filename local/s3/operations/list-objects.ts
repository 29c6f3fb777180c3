/** ListObjectsV2 and ListObjectVersions. */
import { bucketAccess } from '../access.ts';
import { type BucketCall, isoTime, type Operation, type S3, xmlResponse } from '../call.ts';
import { refuse } from '../errors.ts';
import { type Entry, type Grouping, listObjects, listVersions } from '../state/listing.ts';
import type { ObjectVersion } from '../state/schema.ts';
import { type XmlElement, xmlDocument } from '../xml/write.ts';

const MAX_PAGE = 1_000;

export interface ListParameters extends Grouping {
  readonly limit: number;
  /** How a key stands in the answer. */
  readonly show: (key: string) => string;
  /** Parameters as the answer repeats them. */
  readonly echo: readonly XmlElement[];
  /** Condition keys of the listing actions. */
  readonly conditions: Readonly<Record<string, string>>;
}

// As S3 does: percent-encoded but for what a path may hold.
const urlEncode = (key: string): string => encodeURIComponent(key).replaceAll('%2F', '/');

/** A number in the query, up to 1,000 and with that as its default. */
export function pageSize(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null || text === '') return MAX_PAGE;
  if (!/^\d{1,10}$/.test(text))
    throw refuse.invalidArgument(`Provided ${name} not an integer or within integer range`, name);
  return Math.min(Number(text), MAX_PAGE);
}

export function listParameters(call: BucketCall, limitName: string, limitElement: string): ListParameters {
  const { query } = call;
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') {
    throw refuse.invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type');
  }
  const show = encoding === 'url' ? urlEncode : (key: string): string => key;
  const limit = pageSize(query, limitName);
  const prefix = query.get('prefix');
  const delimiter = query.get('delimiter');
  return {
    prefix: prefix ?? '',
    delimiter: delimiter ?? '',
    limit,
    show,
    echo: [
      ['Prefix', show(prefix ?? '')],
      ['Delimiter', delimiter === null || delimiter === '' ? undefined : show(delimiter)],
      [limitElement, limit],
      ['EncodingType', encoding ?? undefined],
    ],
    conditions: {
      ...(prefix === null ? {} : { 's3:prefix': prefix }),
      ...(delimiter === null ? {} : { 's3:delimiter': delimiter }),
      ...(query.has(limitName) && limitName === 'max-keys' ? { 's3:max-keys': String(limit) } : {}),
    },
  };
}

/** Opaque to the client; here the last key or common prefix of the page. */
const token = (last: string): string => Buffer.from(last).toString('base64url');

function fromToken(text: string): string {
  const last = Buffer.from(text, 'base64url');
  if (text === '' || last.toString('base64url') !== text) {
    throw refuse.invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  }
  return last.toString('utf8');
}

const lastOf = <T extends { readonly key: string }>(entry: Entry<T>): string =>
  'item' in entry ? entry.item.key : entry.commonPrefix;

export const commonPrefixes = <T>(entries: readonly Entry<T>[], show: (key: string) => string): readonly XmlElement[] =>
  entries.flatMap((entry): readonly XmlElement[] =>
    'commonPrefix' in entry ? [['CommonPrefixes', [['Prefix', show(entry.commonPrefix)]]]] : [],
  );

export const items = <T>(entries: readonly Entry<T>[]): readonly T[] =>
  entries.flatMap((entry) => ('item' in entry ? [entry.item] : []));

const owner = (s3: S3): XmlElement => ['Owner', [['ID', s3.accountId]]];

function described({ modified, content }: ObjectVersion): readonly XmlElement[] {
  return [
    ['LastModified', isoTime(modified)],
    ['ETag', content && `"${content.etag}"`],
    ['ChecksumAlgorithm', content?.checksum.algorithm],
    ['ChecksumType', content?.checksum.type],
    ['Size', content?.size],
    ['StorageClass', content && 'STANDARD'],
  ];
}

export const listObjectsV2: Operation<BucketCall> = (s3, call) => {
  if (call.query.get('list-type') !== '2') throw refuse.notImplemented('this version of ListObjects');
  const { echo, conditions, show, limit, ...grouping } = listParameters(call, 'max-keys', 'MaxKeys');
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:ListBucket', conditions));
  const given = call.query.get('continuation-token');
  const startAfter = call.query.get('start-after') ?? undefined;
  const after = given === null ? startAfter : fromToken(given);
  const page = listObjects(s3.store, call.bucket.name, grouping, after, limit);
  const last = page.entries.at(-1);
  const withOwner = call.query.get('fetch-owner') === 'true';
  return xmlResponse(
    xmlDocument('ListBucketResult', [
      ['Name', call.bucket.name],
      ...echo,
      ['KeyCount', page.entries.length],
      ['StartAfter', startAfter && show(startAfter)],
      ['ContinuationToken', given ?? undefined],
      ['IsTruncated', page.truncated],
      ['NextContinuationToken', page.truncated && last ? token(lastOf(last)) : undefined],
      ...items(page.entries).map(
        (version): XmlElement => [
          'Contents',
          [['Key', show(version.key)], ...described(version), ...(withOwner ? [owner(s3)] : [])],
        ],
      ),
      ...commonPrefixes(page.entries, show),
    ]),
  );
};

export const listObjectVersions: Operation<BucketCall> = (s3, call) => {
  const { echo, conditions, show, limit, ...grouping } = listParameters(call, 'max-keys', 'MaxKeys');
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:ListBucketVersions', conditions));
  const keyMarker = call.query.get('key-marker') ?? undefined;
  const versionMarker = call.query.get('version-id-marker') || undefined;
  if (versionMarker !== undefined && keyMarker === undefined) {
    throw refuse.invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker');
  }
  const marked = versionMarker && keyMarker ? s3.versions.get(call.bucket.name, keyMarker, versionMarker) : undefined;
  // Who deletes page by page names a version that is gone by now: the rest of its key's versions must not be skipped.
  const place = marked ? { sequence: marked.sequence } : { inclusive: versionMarker !== undefined };
  const after = keyMarker ? { key: keyMarker, ...place } : undefined;
  const page = listVersions(s3.store, call.bucket.name, grouping, after, limit);
  const last = page.entries.at(-1);
  return xmlResponse(
    xmlDocument('ListVersionsResult', [
      ['Name', call.bucket.name],
      ...echo,
      ['KeyMarker', show(keyMarker ?? '')],
      ['VersionIdMarker', versionMarker ?? ''],
      ['IsTruncated', page.truncated],
      ['NextKeyMarker', page.truncated && last ? show(lastOf(last)) : undefined],
      ['NextVersionIdMarker', page.truncated && last && 'item' in last ? last.item.versionId : undefined],
      ...items(page.entries).map(
        (version): XmlElement => [
          version.content ? 'Version' : 'DeleteMarker',
          [
            ['Key', show(version.key)],
            ['VersionId', version.versionId],
            ['IsLatest', version.latest],
            ...described(version),
            owner(s3),
          ],
        ],
      ),
      ...commonPrefixes(page.entries, show),
    ]),
  );
};
