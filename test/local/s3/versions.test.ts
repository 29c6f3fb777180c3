import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BUCKETS, type Cloud, refusal, startCloud } from './support.ts';

let cloud: Cloud;
beforeEach(async () => {
  const suspended = { name: 'suspended', properties: { VersioningConfiguration: { Status: 'Suspended' } } };
  cloud = await startCloud({ buckets: [...BUCKETS, suspended] });
});
afterEach(() => cloud.close());

const put = (Bucket: string, Key: string, Body: string) =>
  cloud.client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: Body.length }));
const text = async (Bucket: string, Key: string, VersionId?: string) =>
  (await cloud.client.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
const remove = (Bucket: string, Key: string, VersionId?: string) =>
  cloud.client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const versions = async (Bucket: string) => {
  const listed = await cloud.client.send(new ListObjectVersionsCommand({ Bucket }));
  return [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(
    ({ Key, VersionId, IsLatest }) => `${Key} ${VersionId} ${IsLatest}`,
  );
};

it('keeps every version, hides them behind a delete marker, and shows the one before when the marker goes', async () => {
  const one = await put('landing', 'k', 'one');
  const two = await put('landing', 'k', 'two');
  expect(await text('landing', 'k')).toBe('two');
  expect(await text('landing', 'k', one.VersionId)).toBe('one');

  const marker = await remove('landing', 'k');
  expect(marker).toMatchObject({ DeleteMarker: true });
  expect(await refusal(text('landing', 'k'))).toBe('NoSuchKey 404');
  expect(await refusal(text('landing', 'k', marker.VersionId))).toBe('MethodNotAllowed 405');
  const head = cloud.client.send(new HeadObjectCommand({ Bucket: 'landing', Key: 'k' }));
  await expect(head).rejects.toMatchObject({
    name: 'NotFound',
    $response: { headers: { 'x-amz-delete-marker': 'true' } },
  });
  expect(await versions('landing')).toEqual([
    `k ${two.VersionId} false`,
    `k ${one.VersionId} false`,
    `k ${marker.VersionId} true`,
  ]);

  expect(await remove('landing', 'k', marker.VersionId)).toMatchObject({ DeleteMarker: true });
  expect(await text('landing', 'k')).toBe('two');
  expect(await remove('landing', 'k', two.VersionId)).toMatchObject({ VersionId: two.VersionId });
  expect(await text('landing', 'k')).toBe('one');
  await remove('landing', 'k', one.VersionId);
  expect(await versions('landing')).toEqual([]);
  expect(await refusal(text('landing', 'k', one.VersionId))).toBe('NoSuchVersion 404');
  // What is gone may be deleted again.
  await remove('landing', 'k', one.VersionId);
});

it('overwrites where no versions are kept, and deletes for good', async () => {
  const first = await put('plain', 'k', 'one');
  expect(first.VersionId).toBeUndefined();
  await put('plain', 'k', 'two');
  expect(await versions('plain')).toEqual(['k null true']);
  expect(await text('plain', 'k', 'null')).toBe('two');
  expect((await remove('plain', 'k')).DeleteMarker).toBeUndefined();
  expect(await versions('plain')).toEqual([]);
});

it('has one null version where versioning is suspended, and a null marker in its place', async () => {
  await put('suspended', 'k', 'one');
  await put('suspended', 'k', 'two');
  expect(await versions('suspended')).toEqual(['k null true']);
  expect(await remove('suspended', 'k')).toMatchObject({ DeleteMarker: true });
  expect(await versions('suspended')).toEqual(['k null true']);
  expect(await refusal(text('suspended', 'k'))).toBe('NoSuchKey 404');
});

it('deletes many at once, each by itself', async () => {
  const a = await put('landing', 'a', '1');
  await put('landing', ' b & <c>', '2');
  const Objects = [{ Key: 'a', VersionId: a.VersionId }, { Key: ' b & <c>' }, { Key: 'never was' }];
  cloud.authorizer.deny = ({ resource }) => resource.endsWith('never was');
  const answer = await cloud.client.send(new DeleteObjectsCommand({ Bucket: 'landing', Delete: { Objects } }));
  expect(answer.Deleted).toMatchObject([
    { Key: 'a', VersionId: a.VersionId },
    { Key: ' b & <c>', DeleteMarker: true },
  ]);
  expect(answer.Errors).toMatchObject([{ Key: 'never was', Code: 'AccessDenied' }]);
  cloud.authorizer.deny = () => false;
  expect(await refusal(text('landing', ' b & <c>'))).toBe('NoSuchKey 404');
});

it('still finds the older versions when the marker of a page has been deleted meanwhile', async () => {
  const ids = [];
  for (const body of ['1', '2', '3', '4']) ids.unshift((await put('landing', 'k', body)).VersionId);
  const page = await cloud.client.send(new ListObjectVersionsCommand({ Bucket: 'landing', MaxKeys: 2 }));
  expect(page.Versions?.map((version) => version.VersionId)).toEqual(ids.slice(0, 2));
  for (const VersionId of ids.slice(0, 2)) await remove('landing', 'k', VersionId);
  const rest = await cloud.client.send(
    new ListObjectVersionsCommand({
      Bucket: 'landing',
      KeyMarker: page.NextKeyMarker,
      VersionIdMarker: page.NextVersionIdMarker,
    }),
  );
  expect(rest.Versions?.map((version) => version.VersionId)).toEqual(ids.slice(2));
});

it('deletes under If-Match only what it names', async () => {
  const { ETag } = await put('plain', 'k', 'one');
  const conditional = (IfMatch: string | undefined) =>
    cloud.client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'k', IfMatch }));
  expect(await refusal(conditional('"0"'))).toBe('PreconditionFailed 412');
  await conditional(ETag);
  expect(await refusal(text('plain', 'k'))).toBe('NoSuchKey 404');
});
