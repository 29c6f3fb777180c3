import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pendingEvents } from '../../../local/events/outbox.ts';
import { combineChecksums, startChecksum } from '../../../local/s3/checksum/algorithms.ts';
import { bytes, type Cloud, refusal, startCloud } from './support.ts';

const MIB = 1_024 ** 2;
const BODY = bytes(11 * MIB + 123);
const CUTS = [0, 5 * MIB, 10 * MIB, BODY.length];
const PARTS = CUTS.slice(1).map((end, index) => BODY.subarray(CUTS[index], end));

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const where = { Bucket: 'landing', Key: 'big' };
const create = async (more: Partial<CreateMultipartUploadCommand['input']> = {}) =>
  (await cloud.client.send(new CreateMultipartUploadCommand({ ...where, ...more }))).UploadId;
const part = (UploadId: string | undefined, PartNumber: number, Body: Buffer, more = {}) =>
  cloud.client.send(new UploadPartCommand({ ...where, UploadId, PartNumber, Body, ...more }));
const complete = (UploadId: string | undefined, Parts: CompletedPart[], more = {}) =>
  cloud.client.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts }, ...more }));

async function uploadAll(UploadId: string | undefined, more = {}): Promise<CompletedPart[]> {
  const done: CompletedPart[] = [];
  for (const [index, body] of PARTS.entries()) {
    const answer = await part(UploadId, index + 1, body, more);
    const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } = answer;
    const checksums = { ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 };
    done.push({ PartNumber: index + 1, ETag, ...checksums });
  }
  return done;
}

const download = async (more: Partial<GetObjectCommand['input']> = {}) => {
  const got = await cloud.client.send(new GetObjectCommand({ ...where, ...more }));
  return { got, body: Buffer.from((await got.Body?.transformToByteArray()) ?? []) };
};

const blobFiles = () =>
  readdirSync(join(cloud.folder, 's3'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

/** Sends a part and does something else before its last byte. */
function lastly(UploadId: string | undefined, act: () => Promise<unknown>) {
  const body = async function* () {
    yield bytes(1_000);
    await act();
    yield bytes(1_000);
  };
  const Body = Readable.from(body());
  return cloud.client.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 4, Body, ContentLength: 2_000 }));
}

describe('a multipart upload', () => {
  it('becomes one object, readable whole, by range across parts and by part', async () => {
    const UploadId = await create({ Metadata: { a: '1' }, ContentType: 'text/csv', Tagging: 'k=v' });
    const parts = await uploadAll(UploadId);
    expect(pendingEvents(cloud.store)).toEqual([]);
    const answer = await complete(UploadId, parts);
    expect(answer.ETag).toMatch(/-3"$/);
    const { got, body } = await download();
    expect(body.equals(BODY)).toBe(true);
    expect(got).toMatchObject({
      Metadata: { a: '1' },
      ContentType: 'text/csv',
      TagCount: 1,
      VersionId: answer.VersionId,
    });
    const start = 5 * MIB - 7;
    const ranged = await download({ Range: `bytes=${start}-${10 * MIB + 2}` });
    expect(ranged.body.equals(BODY.subarray(start, 10 * MIB + 3))).toBe(true);
    const second = await download({ PartNumber: 2 });
    expect(second.got).toMatchObject({ PartsCount: 3, ContentLength: 5 * MIB });
    expect(second.body.equals(PARTS[1] ?? Buffer.alloc(0))).toBe(true);
    expect(await refusal(download({ PartNumber: 4 }))).toBe('InvalidPartNumber 416');
    expect(pendingEvents(cloud.store)).toMatchObject([
      { detail: { reason: 'CompleteMultipartUpload', object: { key: 'big', size: BODY.length } } },
    ]);
  });

  it.each([
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('has a %s checksum of type %s', async (ChecksumAlgorithm, ChecksumType) => {
    const UploadId = await create({ ChecksumAlgorithm, ChecksumType });
    const parts = await uploadAll(UploadId, { ChecksumAlgorithm });
    const name = `Checksum${ChecksumAlgorithm}` as const;
    const over = (body: Buffer) => {
      const running = startChecksum(ChecksumAlgorithm);
      running.update(body);
      return running.digest();
    };
    expect(parts.map((each) => each[name])).toEqual(PARTS.map(over));
    const digests = PARTS.map((each) => ({ value: over(each), size: each.length }));
    const expected =
      ChecksumType === 'FULL_OBJECT' ? over(BODY) : combineChecksums(ChecksumAlgorithm, 'COMPOSITE', digests).value;
    if (ChecksumType === 'FULL_OBJECT') {
      expect(await refusal(complete(UploadId, parts, { [name]: over(BODY.subarray(1)), ChecksumType }))).toBe(
        'BadDigest 400',
      );
    }
    expect(await complete(UploadId, parts)).toMatchObject({ [name]: expected, ChecksumType });
    const head = await cloud.client.send(new HeadObjectCommand({ ...where, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ [name]: expected, ChecksumType });
    const attributes = await cloud.client.send(
      new GetObjectAttributesCommand({ ...where, ObjectAttributes: ['ObjectParts', 'Checksum'], MaxParts: 2 }),
    );
    expect(attributes.ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: true, NextPartNumberMarker: '2' });
    expect(attributes.ObjectParts?.Parts?.map((each) => each[name])).toEqual(
      digests.slice(0, 2).map((each) => each.value),
    );
    expect((await download()).body.equals(BODY)).toBe(true);
    expect((await download({ PartNumber: 3, ChecksumMode: 'ENABLED' })).got[name]).toBe(digests[2]?.value);
  });

  it('gives parts no other algorithm than the chosen one, and no SHA over the whole', async () => {
    expect(await refusal(create({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }))).toBe(
      'InvalidRequest 400',
    );
    expect(await refusal(create({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }))).toBe(
      'InvalidRequest 400',
    );
    const UploadId = await create({ ChecksumAlgorithm: 'SHA256' });
    expect(await refusal(part(UploadId, 1, Buffer.from('x'), { ChecksumAlgorithm: 'CRC32' }))).toBe(
      'InvalidRequest 400',
    );
  });

  it('takes the last upload of a part, and drops the parts that are not listed', async () => {
    const UploadId = await create();
    const [first = {}, second = {}, third = {}] = await uploadAll(UploadId);
    expect(blobFiles()).toHaveLength(3);
    const again = await part(UploadId, 2, PARTS[0] ?? Buffer.alloc(0));
    expect(blobFiles()).toHaveLength(3);
    expect(await refusal(complete(UploadId, [first, second]))).toBe('InvalidPart 400');
    await complete(UploadId, [first, { PartNumber: 2, ETag: again.ETag }]);
    expect(third.ETag).toBeDefined();
    expect(blobFiles()).toHaveLength(2);
    expect((await download()).body.equals(Buffer.concat([PARTS[0] ?? '', PARTS[0] ?? ''].map(Buffer.from)))).toBe(true);
  });

  it('refuses lists that are out of order, empty, unknown or too small, and another size than promised', async () => {
    const UploadId = await create();
    const parts = await uploadAll(UploadId);
    expect(await refusal(complete(UploadId, parts.toReversed()))).toBe('InvalidPartOrder 400');
    expect(await refusal(complete(UploadId, []))).toBe('MalformedXML 400');
    expect(await refusal(complete(UploadId, [...parts, { PartNumber: 9, ETag: '"0"' }]))).toBe('InvalidPart 400');
    expect(await refusal(complete(UploadId, parts, { MpuObjectSize: 1 }))).toBe('InvalidRequest 400');
    expect(await refusal(part(UploadId, 10_001, Buffer.from('x')))).toBe('InvalidArgument 400');
    const small = await part(UploadId, 1, Buffer.from('small'));
    const rest = parts.slice(1);
    expect(await refusal(complete(UploadId, [{ PartNumber: 1, ETag: small.ETag }, ...rest]))).toBe(
      'EntityTooSmall 400',
    );
    // Nothing was lost by the refusals.
    const first = await part(UploadId, 1, PARTS[0] ?? Buffer.alloc(0));
    await complete(UploadId, [{ PartNumber: 1, ETag: first.ETag }, ...rest], { MpuObjectSize: BODY.length });
  });

  it('answers a repeated completion alike, with one object and one event', async () => {
    const UploadId = await create();
    const parts = await uploadAll(UploadId);
    const first = await complete(UploadId, parts, { IfNoneMatch: '*' });
    const second = await complete(UploadId, parts, { IfNoneMatch: '*' });
    expect([second.ETag, second.VersionId]).toEqual([first.ETag, first.VersionId]);
    expect(pendingEvents(cloud.store)).toHaveLength(1);
    expect(await refusal(complete(UploadId, parts.slice(0, 2)))).toBe('NoSuchUpload 404');
    expect(await refusal(part(UploadId, 1, Buffer.from('late')))).toBe('NoSuchUpload 404');
  });

  it('of two completions of one key under If-None-Match one wins, and the other may try again', async () => {
    const uploads = [await create(), await create()];
    const parts = [await uploadAll(uploads[0]), await uploadAll(uploads[1])];
    const ends = await Promise.allSettled(
      uploads.map((id, index) => complete(id, parts[index] ?? [], { IfNoneMatch: '*' })),
    );
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
    const loser = ends.findIndex((end) => end.status === 'rejected');
    await complete(uploads[loser], parts[loser] ?? []);
    expect(pendingEvents(cloud.store)).toHaveLength(2);
  });

  it('leaves nothing when it is aborted, not even of a part that is under way', async () => {
    const UploadId = await create();
    await uploadAll(UploadId);
    const abort = () => cloud.client.send(new AbortMultipartUploadCommand({ ...where, UploadId }));
    const late = await refusal(lastly(UploadId, abort));
    expect(late).toBe('NoSuchUpload 404');
    expect(blobFiles()).toEqual([]);
    expect(await refusal(cloud.client.send(new ListPartsCommand({ ...where, UploadId })))).toBe('NoSuchUpload 404');
    expect(await refusal(abort())).toBe('NoSuchUpload 404');
  });

  it('takes no part that arrives after its completion', async () => {
    const UploadId = await create();
    const parts = await uploadAll(UploadId);
    expect(await refusal(lastly(UploadId, () => complete(UploadId, parts)))).toBe('NoSuchUpload 404');
    expect(blobFiles()).toHaveLength(3);
    expect((await download()).body.equals(BODY)).toBe(true);
  });

  it('can be listed, with its parts', async () => {
    const UploadId = await create();
    const parts = await uploadAll(UploadId);
    const other = await create({ Key: 'dir/other' });
    const page = await cloud.client.send(new ListPartsCommand({ ...where, UploadId, MaxParts: 2 }));
    expect(page.Parts?.map((each) => [each.PartNumber, each.ETag, each.Size])).toEqual([
      [1, parts[0]?.ETag, 5 * MIB],
      [2, parts[1]?.ETag, 5 * MIB],
    ]);
    expect(page.IsTruncated).toBe(true);
    const rest = await cloud.client.send(
      new ListPartsCommand({ ...where, UploadId, PartNumberMarker: page.NextPartNumberMarker }),
    );
    expect(rest.Parts?.map((each) => each.PartNumber)).toEqual([3]);
    const uploads = await cloud.client.send(new ListMultipartUploadsCommand({ Bucket: 'landing' }));
    expect(uploads.Uploads?.map((each) => each.UploadId)).toEqual([UploadId, other]);
    const grouped = await cloud.client.send(
      new ListMultipartUploadsCommand({ Bucket: 'landing', Delimiter: '/', MaxUploads: 1 }),
    );
    expect(grouped).toMatchObject({ IsTruncated: true, NextKeyMarker: 'big' });
    const next = await cloud.client.send(
      new ListMultipartUploadsCommand({
        Bucket: 'landing',
        Delimiter: '/',
        KeyMarker: grouped.NextKeyMarker,
        UploadIdMarker: grouped.NextUploadIdMarker,
      }),
    );
    expect(next.CommonPrefixes).toEqual([{ Prefix: 'dir/' }]);
  });

  it('takes parts out of other objects', async () => {
    await cloud.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'source', Body: BODY }));
    const UploadId = await create();
    const copied: CompletedPart[] = [];
    for (const [index, range] of [`0-${5 * MIB - 1}`, `${5 * MIB}-${BODY.length - 1}`].entries()) {
      const { CopyPartResult } = await cloud.client.send(
        new UploadPartCopyCommand({
          ...where,
          UploadId,
          PartNumber: index + 1,
          CopySource: 'plain/source',
          CopySourceRange: `bytes=${range}`,
        }),
      );
      copied.push({ PartNumber: index + 1, ETag: CopyPartResult?.ETag });
    }
    await complete(UploadId, copied);
    expect((await download()).body.equals(BODY)).toBe(true);
  });

  it('has the ETag that S3 documents where KMS does not encrypt', async () => {
    const plain = { Bucket: 'plain' };
    const UploadId = await create(plain);
    const parts = await uploadAll(UploadId, plain);
    const md5 = (body: Buffer) => createHash('md5').update(body).digest();
    const expected = `"${md5(Buffer.concat(PARTS.map(md5))).toString('hex')}-3"`;
    expect((await complete(UploadId, parts, plain)).ETag).toBe(expected);
  });

  it('is finished after a restart with the parts from before it', async () => {
    const UploadId = await create();
    const first = await part(UploadId, 1, PARTS[0] ?? Buffer.alloc(0));
    cloud = await cloud.restart();
    const second = await part(UploadId, 2, PARTS[1] ?? Buffer.alloc(0));
    await complete(
      UploadId,
      [first, second].map(({ ETag }, index) => ({ PartNumber: index + 1, ETag })),
    );
    expect((await download()).body.equals(BODY.subarray(0, 10 * MIB))).toBe(true);
  });
});
