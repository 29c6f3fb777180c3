import {
  CreateBucketCommand,
  GetBucketAclCommand,
  ListObjectsCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  RestoreObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, operationOf } from '../../../local/s3/route.ts';
import { ROUTES } from '../../../local/s3/routes.ts';
import { type Cloud, refusal, startCloud } from './support.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${cloud.endpoint}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });

const requestOf = (method: string, url: string, headers: Record<string, string> = {}) => {
  const [path = '', query = ''] = url.split('?');
  return { method, path, query: new URLSearchParams(query), headers: { host: '127.0.0.1:1', ...headers } };
};

describe('refusals', () => {
  it('names every operation that is not implemented', async () => {
    const { client } = cloud;
    expect(await refusal(client.send(new CreateBucketCommand({ Bucket: 'new' })))).toBe('NotImplemented 501');
    expect(await refusal(client.send(new ListObjectsCommand({ Bucket: 'landing' })))).toBe('NotImplemented 501');
    expect(await refusal(client.send(new GetBucketAclCommand({ Bucket: 'landing' })))).toBe('NotImplemented 501');
    expect(await refusal(client.send(new RestoreObjectCommand({ Bucket: 'landing', Key: 'k' })))).toBe(
      'NotImplemented 501',
    );
    const policy = client.send(new PutBucketPolicyCommand({ Bucket: 'landing', Policy: '{}' }));
    await expect(policy).rejects.toThrow('PutBucketPolicy');
    const acl = client.send(new PutObjectAclCommand({ Bucket: 'landing', Key: 'k', ACL: 'private' }));
    await expect(acl).rejects.toThrow('PutObjectAcl');
  });

  it.each([
    ['PUT', '/landing/k', { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, 'customer-algorithm'],
    ['PUT', '/landing/k', { 'x-amz-website-redirect-location': '/' }, 'website-redirect-location'],
    ['PUT', '/landing/k', { 'x-amz-storage-class': 'GLACIER' }, 'storage classes'],
    ['PUT', '/landing/k', { 'x-amz-grant-read': 'id=1' }, 'x-amz-grant-read'],
    ['DELETE', '/landing/k', { 'x-amz-mfa': '1 2' }, 'x-amz-mfa'],
    ['GET', '/landing/k?unheard-of', {}, 'unheard-of'],
  ])('names the part of %s %s %o that nobody would act on', async (method, path, headers, name) => {
    const answer = await ask(method, path, headers);
    expect(answer.status).toBe(501);
    expect(await answer.text()).toContain(name);
  });

  it('refuses access control lists but the one that changes nothing', async () => {
    const put = (ACL: 'public-read' | 'bucket-owner-full-control') =>
      cloud.client.send(new PutObjectCommand({ Bucket: 'landing', Key: 'k', Body: 'x', ContentLength: 1, ACL }));
    expect(await refusal(put('public-read'))).toBe('AccessControlListNotSupported 400');
    await put('bucket-owner-full-control');
  });

  it("answers errors in S3's XML, escaped", async () => {
    const answer = await ask('GET', '/landing/%3Ca%26b%3E');
    expect(answer.headers.get('content-type')).toBe('application/xml');
    expect(answer.headers.get('x-amz-request-id')).toMatch(/^REQUEST/);
    const text = await answer.text();
    expect(text).toContain('<Code>NoSuchKey</Code>');
    expect(text).toContain('<Key>&lt;a&amp;b&gt;</Key>');
    expect(text).toMatch(/<RequestId>REQUEST\d+<\/RequestId>/);
  });

  it.each([
    ['not XML', 'text'],
    ['another document', '<Other/>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><Delete><Object><Key>&b;</Key></Object></Delete>'],
    ['nothing to delete', '<Delete/>'],
    ['a key twice', '<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>'],
  ])('refuses a request document that is %s', async (_, body) => {
    const { crc32 } = await import('node:zlib');
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    const answer = await ask('POST', '/landing?delete', { 'x-amz-checksum-crc32': sum.toString('base64') }, body);
    expect(await answer.text()).toContain('<Code>MalformedXML</Code>');
  });

  it('refuses keys that are not UTF-8, a length that is missing, and methods that do not exist', async () => {
    expect(await (await ask('GET', '/landing/%FF')).text()).toContain('InvalidURI');
    const chunked = ReadableStream.from(['without a length']);
    const options = { method: 'PUT', body: chunked, duplex: 'half' } as RequestInit;
    expect((await fetch(`${cloud.endpoint}/landing/k`, options)).status).toBe(411);
    expect((await ask('PATCH', '/landing/k')).status).toBe(405);
    expect((await ask('GET', '/landing/k?versionId=')).status).toBe(400);
  });
});

describe('routes', () => {
  it.each([
    ['127.0.0.1:4566', '/bucket/a/b', 'bucket', 'a/b'],
    ['localhost:4566', '/bucket/a', 'bucket', 'a'],
    ['s3.eu-west-1.amazonaws.com', '/bucket/a', 'bucket', 'a'],
    ['bucket.s3.eu-west-1.amazonaws.com', '/a/b', 'bucket', 'a/b'],
    ['my.bucket.s3.amazonaws.com', '/a', 'my.bucket', 'a'],
    ['bucket.localhost:4566', '/a%2Fb', 'bucket', 'a/b'],
    ['bucket.s3.localhost', '/', 'bucket', undefined],
    ['127.0.0.1', '/bucket', 'bucket', undefined],
    ['127.0.0.1', '/bucket/', 'bucket', undefined],
    ['127.0.0.1', '/bucket//', 'bucket', '/'],
    ['127.0.0.1', '/', undefined, undefined],
  ])('reads %s %s', (host, path, bucket, key) => {
    expect(addressOf(requestOf('GET', path, { host }))).toEqual({ bucket, key });
  });

  it('finds every operation by its own form', () => {
    for (const route of ROUTES) {
      const path = { service: '/', bucket: '/b', object: '/b/k' }[route.level];
      const query = (route.query ?? []).map((name) => `${name}=1`).join('&');
      const headers: Record<string, string> = route.header === undefined ? {} : { [route.header]: 'x' };
      expect(operationOf(requestOf(route.method, `${path}?${query}`, headers))).toBe(route.operation);
    }
  });

  it.each([
    ['PUT', '/b/k?x-id=PutObject', 'PutObject'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart'],
    ['PUT', '/b?acl', 'PutBucketAcl'],
    ['GET', '/b/%FF', 'GetObject'],
    ['PATCH', '/b', undefined],
  ])('takes %s %s for %s', (method, url, operation) => {
    expect(operationOf(requestOf(method, url))).toBe(operation);
  });
});
