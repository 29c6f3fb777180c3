import { ListObjectsV2Command, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { afterPrefix, listObjects } from '../../../local/s3/state/listing.ts';
import { Versions } from '../../../local/s3/state/versions.ts';
import { type Cloud, refusal, startCloud } from './support.ts';

const ODD = [
  ' leading space',
  '%41 percent',
  '%',
  '+plus+',
  '../up',
  '//double//slash/',
  'a/b',
  'a/c/d',
  'a/c/e',
  'a0',
  'a?b=c&d',
  'amp&<lt>"quot"\'apos\'',
  'caf\u00e9',
  'cafe\u0301',
  'carriage\rreturn',
  'line\nfeed',
  'tab\tbed',
  'trailing space ',
  'z~!*()',
  '\ud7ff',
  '\ue000',
  '\uffff last of the plane',
  '\u{10000} first beyond it',
  '\u{1f600}/smile',
  '日本語/テスト',
];
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  for (const Key of ODD) await cloud.client.send(new PutObjectCommand({ Bucket: 'landing', Key, Body: Key }));
});
afterAll(() => cloud.close());

async function listAll(more: Partial<ListObjectsV2Command['input']> = {}) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await cloud.client.send(new ListObjectsV2Command({ Bucket: 'landing', ContinuationToken, ...more }));
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    keys.push(...(page.Contents ?? []).map((each) => each.Key ?? ''));
    prefixes.push(...(page.CommonPrefixes ?? []).map((each) => each.Prefix ?? ''));
    ContinuationToken = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
  } while (ContinuationToken !== undefined);
  return { keys, prefixes };
}

describe('listing', () => {
  it.each([1, 2, 7, 1_000])('gives every odd key once, in byte order, in pages of %d', async (MaxKeys) => {
    expect((await listAll({ MaxKeys })).keys).toEqual(ODD.toSorted(byBytes));
  });

  it.each([1, 3, 1_000])('groups by delimiter in pages of %d', async (MaxKeys) => {
    const grouped = await listAll({ MaxKeys, Delimiter: '/' });
    expect(grouped.prefixes).toEqual(['../', '/', 'a/', '日本語/', '\u{1f600}/']);
    expect(grouped.keys).toEqual(ODD.filter((key) => !key.includes('/')).toSorted(byBytes));
    expect(await listAll({ MaxKeys, Delimiter: '/', Prefix: 'a/' })).toEqual({ keys: ['a/b'], prefixes: ['a/c/'] });
  });

  it('can encode keys for readers whose XML cannot hold them', async () => {
    const page = await cloud.client.send(new ListObjectsV2Command({ Bucket: 'landing', EncodingType: 'url' }));
    expect(page.Contents?.map((each) => decodeURIComponent(each.Key ?? ''))).toEqual(ODD.toSorted(byBytes));
    expect(page.Contents?.map((each) => each.Key)).toContain('a/c/d');
  });

  it('starts after a key that need not exist, and says nothing more of what is deleted', async () => {
    expect((await listAll({ StartAfter: 'a/bb', Prefix: 'a/' })).keys).toEqual(['a/c/d', 'a/c/e']);
    expect((await listAll({ StartAfter: 'zz', Prefix: 'a/' })).keys).toEqual([]);
    expect((await listAll({ MaxKeys: 0 })).keys).toEqual([]);
    const none = new ListObjectsV2Command({ Bucket: 'landing', ContinuationToken: '*' });
    expect(await refusal(cloud.client.send(none))).toBe('InvalidArgument 400');
  });

  it('gives every version once, whatever the page', async () => {
    const Key = 'a/c/d';
    for (let n = 0; n < 4; n += 1)
      await cloud.client.send(new PutObjectCommand({ Bucket: 'landing', Key, Body: `${n}` }));
    const whole = await cloud.client.send(new ListObjectVersionsCommand({ Bucket: 'landing' }));
    const expected = whole.Versions?.map((each) => `${each.Key} ${each.VersionId}`);
    expect(expected).toHaveLength(ODD.length + 4);
    const seen: string[] = [];
    let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (let more = true; more; ) {
      const page = await cloud.client.send(new ListObjectVersionsCommand({ Bucket: 'landing', MaxKeys: 3, ...marker }));
      seen.push(...(page.Versions ?? []).map((each) => `${each.Key} ${each.VersionId}`));
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated ?? false;
    }
    expect(seen).toEqual(expected);
  });
});

/** What a listing must be, said as simply as possible. */
function model(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? `k:${key}` : `p:${key.slice(0, end + delimiter.length)}`;
    });
  return [...new Set(entries)].sort((a, b) => byBytes(a.slice(2), b.slice(2)));
}

describe('pages', () => {
  let fresh: Cloud;
  beforeEach(async () => {
    fresh = await startCloud();
    return () => fresh.close();
  });

  it('put together are the listing, for any keys, prefix, delimiter and page size', () => {
    const letters = fc.constantFrom('a', 'b', '/', '//', '%', '\ud7ff', '\ue000', '\u{10ffff}', '\u{1f600}');
    const key = fc.array(letters, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const versions = new Versions(fresh.store);
    const content = JSON.parse('{"etag":"","size":0,"tags":{},"headers":{},"metadata":{},"legalHold":false}');
    let run = 0;
    const property = fc.property(
      fc.uniqueArray(key, { maxLength: 25 }),
      fc.constantFrom('', 'a', 'a/', '\u{10ffff}', '/'),
      fc.constantFrom('', '/', '//', '\u{10ffff}', 'b'),
      fc.integer({ min: 1, max: 6 }),
      (keys, prefix, delimiter, limit) => {
        run += 1;
        const bucket = `run-${run}`;
        fresh.store.transaction(() => {
          for (const each of keys) {
            versions.insert({ bucket, key: each, versionId: 'null', modified: 0, content, segments: [] });
          }
        });
        const seen: string[] = [];
        let after: string | undefined;
        for (let more = true; more; ) {
          const page = listObjects(fresh.store, bucket, { prefix, delimiter }, after, limit);
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          const named = page.entries.map((entry) =>
            'item' in entry ? `k:${entry.item.key}` : `p:${entry.commonPrefix}`,
          );
          seen.push(...named);
          after = named.at(-1)?.slice(2);
          more = page.truncated;
        }
        expect(seen).toEqual(model(keys, prefix, delimiter));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('find the least text after every text with a prefix', () => {
    expect(afterPrefix('a/')).toBe('a0');
    expect(afterPrefix('\ud7ff')).toBe('\ue000');
    expect(afterPrefix('a\u{10ffff}\u{10ffff}')).toBe('b');
    expect(afterPrefix('\u{10ffff}')).toBeUndefined();
  });
});
