import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, type Cloud, KEY_ARN, refusal, startCloud } from './support.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const put = (input: Omit<PutObjectCommand['input'], 'Bucket'> & { Bucket?: string }) =>
  cloud.client.send(new PutObjectCommand({ Bucket: 'landing', ...input }));
const get = (Key: string, more: Partial<GetObjectCommand['input']> = {}) =>
  cloud.client.send(new GetObjectCommand({ Bucket: 'landing', Key, ...more }));
const read = async (Key: string, more: Partial<GetObjectCommand['input']> = {}) =>
  Buffer.from((await (await get(Key, more)).Body?.transformToByteArray()) ?? []);

describe('put and get', () => {
  it('gives back what was put, with its headers, metadata, encryption and checksum', async () => {
    const body = bytes(100_000);
    const answer = await put({
      Key: 'a/b.csv',
      Body: body,
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      Metadata: { 'submission-token': 'abc.def' },
    });
    expect(answer.ServerSideEncryption).toBe('aws:kms');
    expect(answer.SSEKMSKeyId).toBe(KEY_ARN);
    expect(answer.BucketKeyEnabled).toBe(true);
    expect(answer.ChecksumType).toBe('FULL_OBJECT');
    const got = await get('a/b.csv');
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body);
    expect(got).toMatchObject({
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentLength: body.length,
      Metadata: { 'submission-token': 'abc.def' },
      VersionId: answer.VersionId,
      ETag: answer.ETag,
      ChecksumCRC32: answer.ChecksumCRC32,
      LastModified: new Date('2026-11-22T10:00:00Z'),
    });
  });

  it('takes a stream in aws-chunked with its checksum in the trailer', async () => {
    const body = bytes(300_000, 2);
    const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]);
    const answer = await put({ Key: 'streamed', Body: stream, ContentLength: body.length, ContentEncoding: 'gzip' });
    expect(answer.ChecksumCRC32).toBeDefined();
    const got = await get('streamed');
    expect(got.ContentEncoding).toBe('gzip');
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'verifies and keeps a %s checksum',
    async (algorithm) => {
      const body = bytes(50_000, 3);
      const streamed = Readable.from([body]);
      const Key = `checksum/${algorithm}`;
      const whole = await put({ Key, Body: body, ChecksumAlgorithm: algorithm });
      const trailing = await put({ Key, Body: streamed, ContentLength: body.length, ChecksumAlgorithm: algorithm });
      const name = `Checksum${algorithm}` as const;
      expect(whole[name]).toBeDefined();
      expect(trailing[name]).toBe(whole[name]);
      const head = await cloud.client.send(new HeadObjectCommand({ Bucket: 'landing', Key, ChecksumMode: 'ENABLED' }));
      expect(head[name]).toBe(whole[name]);
      expect(head.ChecksumType).toBe('FULL_OBJECT');
      const attributes = await cloud.client.send(
        new GetObjectAttributesCommand({
          Bucket: 'landing',
          Key,
          ObjectAttributes: ['Checksum', 'ObjectSize', 'ETag'],
        }),
      );
      expect(attributes.Checksum?.[name]).toBe(whole[name]);
      expect(attributes.ObjectSize).toBe(body.length);
    },
  );

  it('refuses a body that is not what its digests say, and keeps nothing of it', async () => {
    const wrong = createHash('sha256').update('other').digest('base64');
    expect(await refusal(put({ Key: 'wrong', Body: 'body', ChecksumSHA256: wrong }))).toBe('BadDigest 400');
    expect(await refusal(put({ Key: 'wrong', Body: 'body', ChecksumCRC64NVME: 'AAAAAAAAAAA=' }))).toBe('BadDigest 400');
    const md5 = createHash('md5').update('other').digest('base64');
    expect(await refusal(put({ Key: 'wrong', Body: 'body', ContentMD5: md5 }))).toBe('BadDigest 400');
    expect(await refusal(put({ Key: 'wrong', Body: 'body', ContentMD5: 'AAAA' }))).toBe('InvalidDigest 400');
    expect(await refusal(put({ Key: 'wrong', Body: 'body', ChecksumSHA256: 'AAAA' }))).toBe('InvalidRequest 400');
    expect(await refusal(get('wrong'))).toBe('NoSuchKey 404');
  });

  it('has the MD5 of the plaintext as ETag only where KMS does not encrypt', async () => {
    const md5 = createHash('md5').update('text').digest('hex');
    expect((await put({ Bucket: 'plain', Key: 'etag', Body: 'text' })).ETag).toBe(`"${md5}"`);
    expect((await put({ Key: 'etag', Body: 'text' })).ETag).not.toBe(`"${md5}"`);
  });

  it('says of an answer without a body that it has none, so that the connection lives on', async () => {
    const answer = await fetch(`${cloud.endpoint}/plain/bare`, { method: 'PUT', body: 'x' });
    expect(answer.headers.get('content-length')).toBe('0');
  });

  it('keeps empty objects', async () => {
    await put({ Key: 'empty', Body: '', ContentLength: 0 });
    expect(await read('empty')).toEqual(Buffer.alloc(0));
    expect(await refusal(get('empty', { Range: 'bytes=0-0' }))).toBe('InvalidRange 416');
  });

  it('refuses more metadata than S3 holds, and overlong keys', async () => {
    expect(await refusal(put({ Key: 'm', Body: 'x', Metadata: { big: 'x'.repeat(2_050) } }))).toBe(
      'MetadataTooLarge 400',
    );
    expect(await refusal(put({ Key: 'k'.repeat(1_025), Body: 'x' }))).toBe('KeyTooLongError 400');
    await put({ Key: 'k'.repeat(1_024), Body: 'long' });
    expect((await read('k'.repeat(1_024))).toString()).toBe('long');
  });
});

describe('ranges', () => {
  const body = bytes(70_000, 5);
  beforeAll(async () => {
    await put({ Key: 'ranged', Body: body });
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=1-15', 1, 16],
    ['bytes=15-17', 15, 18],
    ['bytes=16-31', 16, 32],
    ['bytes=12345-54321', 12_345, 54_322],
    ['bytes=69999-', 69_999, 70_000],
    ['bytes=-33', 69_967, 70_000],
    ['bytes=65000-99999999', 65_000, 70_000],
    ['bytes=-99999999', 0, 70_000],
  ])('decrypts %s rightly', async (Range, start, end) => {
    const got = await get('ranged', { Range });
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(got.ContentRange).toBe(`bytes ${start}-${end - 1}/70000`);
    expect(got.ChecksumCRC32).toBeUndefined();
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body.subarray(start, end));
  });

  it('answers 416 past the end and the whole to what is no single range', async () => {
    expect(await refusal(get('ranged', { Range: 'bytes=70000-' }))).toBe('InvalidRange 416');
    expect(await refusal(get('ranged', { Range: 'bytes=-0' }))).toBe('InvalidRange 416');
    for (const Range of ['bytes=0-1,5-6', 'bytes=9-2', 'lines=1-2']) {
      const got = await get('ranged', { Range });
      expect(got.$metadata.httpStatusCode).toBe(200);
      expect((await got.Body?.transformToByteArray())?.length).toBe(70_000);
    }
  });
});

describe('conditional reads', () => {
  it('answers 304 and 412 as RFC 9110 orders its conditions', async () => {
    const { ETag } = await put({ Key: 'conditional', Body: 'x' });
    const past = new Date('2020-01-01T00:00:00Z');
    const future = new Date('2030-01-01T00:00:00Z');
    const status = async (more: Partial<GetObjectCommand['input']>) =>
      get('conditional', more).then(
        (answer) => answer.$metadata.httpStatusCode,
        (error) => error.$metadata.httpStatusCode,
      );
    expect(await status({ IfMatch: ETag })).toBe(200);
    expect(await status({ IfMatch: '"other"' })).toBe(412);
    expect(await status({ IfNoneMatch: ETag })).toBe(304);
    expect(await status({ IfNoneMatch: '"other"', IfModifiedSince: future })).toBe(200);
    expect(await status({ IfModifiedSince: future })).toBe(304);
    expect(await status({ IfModifiedSince: past })).toBe(200);
    expect(await status({ IfUnmodifiedSince: past })).toBe(412);
    expect(await status({ IfMatch: ETag, IfUnmodifiedSince: past })).toBe(200);
  });
});

describe('conditional writes', () => {
  it('creates once under If-None-Match: *', async () => {
    await put({ Key: 'once', Body: 'first', IfNoneMatch: '*' });
    expect(await refusal(put({ Key: 'once', Body: 'second', IfNoneMatch: '*' }))).toBe('PreconditionFailed 412');
    expect((await read('once')).toString()).toBe('first');
  });

  it("lets exactly one of many simultaneous creators win, and keeps the winner's bytes", async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => put({ Key: 'race', Body: bytes(200_000, index + 1), IfNoneMatch: '*' })),
    );
    const won = attempts.flatMap((attempt, index) => (attempt.status === 'fulfilled' ? [index] : []));
    expect(won).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect([409, 412]).toContain(attempt.reason.$metadata.httpStatusCode);
    }
    expect(await read('race')).toEqual(bytes(200_000, (won[0] ?? 0) + 1));
  });

  it('answers 409 when the object is deleted while a conditional write is under way', async () => {
    const { ETag } = await put({ Bucket: 'plain', Key: 'swap', Body: 'old' });
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    const body = Readable.from(
      (async function* () {
        yield bytes(100_000);
        await cloud.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'swap' }));
        yield bytes(100_000);
      })(),
    );
    const write = put({ Bucket: 'plain', Key: 'swap', Body: body, ContentLength: 200_000, IfMatch: ETag });
    expect(await refusal(write)).toBe('ConditionalRequestConflict 409');
  });

  it('replaces under If-Match only what it names', async () => {
    const { ETag } = await put({ Key: 'match', Body: 'one' });
    expect(await refusal(put({ Key: 'match', Body: 'two', IfMatch: '"0"' }))).toBe('PreconditionFailed 412');
    await put({ Key: 'match', Body: 'two', IfMatch: ETag });
    expect((await read('match')).toString()).toBe('two');
    expect(await refusal(put({ Key: 'absent', Body: 'x', IfMatch: '"0"' }))).toBe('NoSuchKey 404');
    expect(await refusal(put({ Key: 'match', Body: 'x', IfNoneMatch: '"0"' }))).toBe('NotImplemented 501');
  });
});

describe('copies', () => {
  const copy = (input: Omit<CopyObjectCommand['input'], 'Bucket'> & { Bucket?: string }) =>
    cloud.client.send(new CopyObjectCommand({ Bucket: 'landing', ...input }));

  it('copies one version under another key, re-encrypted, with or without its metadata', async () => {
    const body = bytes(80_000, 9);
    const first = await put({ Key: 'source +%ü', Body: body, Metadata: { a: '1' }, Tagging: 'k=v' });
    await put({ Key: 'source +%ü', Body: 'later' });
    const CopySource = `landing/${encodeURIComponent('source +%ü')}?versionId=${first.VersionId}`;
    const kept = await copy({ Key: 'kept', CopySource });
    expect(kept.CopySourceVersionId).toBe(first.VersionId);
    expect(kept.CopyObjectResult?.ChecksumCRC32).toBe(first.ChecksumCRC32);
    expect(await read('kept')).toEqual(body);
    const head = (Key: string) => cloud.client.send(new HeadObjectCommand({ Bucket: 'landing', Key }));
    expect((await head('kept')).Metadata).toEqual({ a: '1' });
    expect((await head('kept')).TagCount).toBe(1);
    await copy({ Key: 'replaced', CopySource, MetadataDirective: 'REPLACE', TaggingDirective: 'REPLACE' });
    expect((await head('replaced')).Metadata).toEqual({});
    expect((await head('replaced')).TagCount).toBeUndefined();
    const quarantine = await copy({
      Bucket: 'plain',
      Key: 'q',
      CopySource,
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'quarantine',
    });
    expect(quarantine.SSEKMSKeyId).toMatch(/key\/quarantine$/);
  });

  it('honours conditions on source and target', async () => {
    const { ETag } = await put({ Key: 'from', Body: 'x' });
    const to = { Key: 'to', CopySource: 'landing/from' };
    expect(await refusal(copy({ ...to, CopySourceIfMatch: '"0"' }))).toBe('PreconditionFailed 412');
    expect(await refusal(copy({ ...to, CopySourceIfNoneMatch: ETag }))).toBe('PreconditionFailed 412');
    await copy({ ...to, IfNoneMatch: '*' });
    expect(await refusal(copy({ ...to, IfNoneMatch: '*' }))).toBe('PreconditionFailed 412');
    expect(await refusal(copy({ Key: 'from', CopySource: 'landing/from' }))).toBe('InvalidRequest 400');
    expect(await refusal(copy({ Key: 'to', CopySource: 'landing/none' }))).toBe('NoSuchKey 404');
    expect(await refusal(copy({ Key: 'to', CopySource: 'nowhere/none' }))).toBe('NoSuchBucket 404');
  });
});

describe('tags', () => {
  it('keeps tags given with the object and afterwards, and refuses ill-formed ones', async () => {
    const input = { Bucket: 'landing', Key: 'tagged' };
    await put({ Key: 'tagged', Body: 'x', Tagging: 'stage=landing&note=a%20b' });
    const tags = async () => (await cloud.client.send(new GetObjectTaggingCommand(input))).TagSet;
    expect(await tags()).toEqual([
      { Key: 'stage', Value: 'landing' },
      { Key: 'note', Value: 'a b' },
    ]);
    const tag = (TagSet: { Key: string; Value: string }[]) =>
      cloud.client.send(new PutObjectTaggingCommand({ ...input, Tagging: { TagSet } }));
    await tag([{ Key: '__proto__', Value: 'x' }]);
    expect(await tags()).toEqual([{ Key: '__proto__', Value: 'x' }]);
    expect(
      await refusal(
        tag([
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ]),
      ),
    ).toBe('InvalidTag 400');
    expect(await refusal(tag(Array.from({ length: 11 }, (_, n) => ({ Key: `${n}`, Value: '' }))))).toBe(
      'BadRequest 400',
    );
    expect(await refusal(put({ Key: 'tagged', Body: 'x', Tagging: '<=x' }))).toBe('InvalidTag 400');
  });
});
