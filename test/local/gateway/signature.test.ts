import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootGateway, type TestGateway } from '../support/gateway.ts';
import { type RawRequest, sendRaw, sign } from '../support/signing.ts';
import { allow, LAMBDA, lambda, ROOT, role } from '../support/templates.ts';

const PUT: RawRequest = {
  method: 'PUT',
  path: '/bucket/a%20key/%C3%A9',
  query: { 'x-id': 'Put Object', a: '1' },
  headers: { 'x-amz-meta-one': '1  2' },
  body: 'payload',
};
const LIST: RawRequest = {
  method: 'POST',
  path: '/',
  query: {},
  headers: { 'x-amz-target': 'TrentService.ListAliases', 'content-type': 'application/x-amz-json-1.1' },
  body: '{"Limit":1}',
};

let cloud: TestGateway;
beforeAll(async () => {
  cloud = await bootGateway({
    Worker: lambda('WorkerRole'),
    WorkerRole: role(LAMBDA, [allow(['s3:*', 'kms:*'])]),
    Operator: role(ROOT, [], { RoleName: 'operator' }),
  });
});
afterAll(() => cloud.close());

const worker = () => cloud.key({ kind: 'function', name: 'S-Worker' });
const signed = (request: RawRequest, service: string, more: object = {}) =>
  sign(request, { port: cloud.gateway.port, service, key: worker(), at: new Date(cloud.clock.now()), ...more });
const send = (request: RawRequest) => sendRaw(cloud.gateway.port, request);
const codeOf = ({ body }: { body: string }): string =>
  /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? /"__type":"(.*?)"/.exec(body)?.[1] ?? body;

describe('a signed request', () => {
  it('goes through, of a function, a person and the root', async () => {
    expect(await send(await signed(PUT, 's3'))).toMatchObject({ status: 200 });
    expect(await send(await signed(LIST, 'kms'))).toMatchObject({ status: 200, body: '{"Aliases":[]}' });
    expect(await send(await signed(PUT, 's3', { key: cloud.key({ kind: 'root' }) }))).toMatchObject({ status: 200 });
    const person = cloud.key({ kind: 'person', role: 'operator', session: 'ann' });
    expect(codeOf(await send(await signed(PUT, 's3', { key: person })))).toBe('AccessDenied');
  });

  const mutations: readonly [string, (request: RawRequest) => RawRequest][] = [
    ['another method', (request) => ({ ...request, method: request.method === 'PUT' ? 'POST' : 'PUT' })],
    ['another path', (request) => ({ ...request, path: `${request.path}x` })],
    ['another query', (request) => ({ ...request, query: { ...request.query, more: '' } })],
    ['another signed header', (request) => ({ ...request, headers: { ...request.headers, 'x-amz-meta-one': '2' } })],
    ['another host', (request) => ({ ...request, headers: { ...request.headers, host: 'elsewhere' } })],
    ['another time', (request) => ({ ...request, headers: { ...request.headers, 'x-amz-date': shifted(request) } })],
    [
      'another signature',
      (request) => replaced(request, /Signature=./, (found) => (found.endsWith('0') ? 'Signature=1' : 'Signature=0')),
    ],
    [
      'another payload hash',
      (request) => ({ ...request, headers: { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    ],
    ['a header fewer in the list', (request) => replaced(request, /x-amz-content-sha256;/, () => '')],
  ];

  it.each(mutations)('[B01] with %s after signing is refused, on S3', async (name, mutate) => {
    const answer = await send(mutate(await signed(PUT, 's3')));
    // A header that is taken from the list is no longer signed at all: that is said otherwise.
    expect([answer.status, codeOf(answer)]).toEqual([
      403,
      name.endsWith('list') ? 'AccessDenied' : 'SignatureDoesNotMatch',
    ]);
  });

  const ofJson = mutations.filter(([name]) => name !== 'another signed header');
  it.each(ofJson)('[B01] with %s after signing is refused, on a JSON service', async (_, mutate) => {
    // A JSON body's hash is that of its bytes: a header that says otherwise is itself what was signed.
    const answer = await send(mutate(await signed(LIST, 'kms')));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'InvalidSignatureException']);
  });

  it('[B01] with another body is refused on a JSON service', async () => {
    const answer = await send({ ...(await signed(LIST, 'kms')), body: '{"Limit":2}' });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'InvalidSignatureException']);
  });

  it('[B01] with a further x-amz header that is not signed is refused', async () => {
    const request = await signed(PUT, 's3');
    const answer = await send({ ...request, headers: { ...request.headers, 'x-amz-acl': 'public-read' } });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
  });

  it.each([
    ['no signature', {}, 403, 'AccessDenied'],
    ['another scheme', { authorization: 'Basic QQ==' }, 400, 'AuthorizationHeaderMalformed'],
    ['half a signature', { authorization: 'AWS4-HMAC-SHA256 Credential=a/b' }, 400, 'AuthorizationHeaderMalformed'],
  ])('with %s is refused', async (_, headers, status, code) => {
    const answer = await send({ ...PUT, headers });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it.each([
    ['an unknown key', { accessKeyId: 'ASIAUNKNOWNKEYUNKNOW' }, 'InvalidAccessKeyId', 'UnrecognizedClientException'],
    ['another secret', { secretAccessKey: 'secret' }, 'SignatureDoesNotMatch', 'InvalidSignatureException'],
    ['another token', { sessionToken: 'token' }, 'InvalidToken', 'UnrecognizedClientException'],
    ['no token', { sessionToken: undefined }, 'InvalidToken', 'UnrecognizedClientException'],
  ])('[B01] made with %s is refused', async (_, change, s3, json) => {
    const key = { ...worker(), ...change };
    expect(codeOf(await send(await signed(PUT, 's3', { key })))).toBe(s3);
    expect(codeOf(await send(await signed(LIST, 'kms', { key })))).toBe(json);
  });

  it('made for another region is refused', async () => {
    expect(codeOf(await send(await signed(LIST, 'kms', { region: 'eu-west-1' })))).toBe('InvalidSignatureException');
  });

  it('made at another time, by more than a quarter of an hour, is refused', async () => {
    const at = (minutes: number) => ({ at: new Date(cloud.clock.now() + minutes * 60_000) });
    expect((await send(await signed(PUT, 's3', at(-14)))).status).toBe(200);
    expect(codeOf(await send(await signed(PUT, 's3', at(-16))))).toBe('RequestTimeTooSkewed');
    expect(codeOf(await send(await signed(PUT, 's3', at(16))))).toBe('RequestTimeTooSkewed');
    expect(codeOf(await send(await signed(LIST, 'kms', at(16))))).toBe('InvalidSignatureException');
  });

  it('[S03] made with a session that has ended is refused', async () => {
    const key = cloud.credentials.issueSession({ kind: 'function', name: 'S-Worker' }, -1);
    expect(codeOf(await send(await signed(PUT, 's3', { key })))).toBe('ExpiredToken');
    expect(codeOf(await send(await signed(LIST, 'kms', { key })))).toBe('ExpiredTokenException');
  });
});

describe('a presigned URL', () => {
  const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const GET: RawRequest = { method: 'GET', path: '/bucket/key', query: {}, headers };
  const presigned = (more: object = {}) => signed(GET, 's3', { expiresIn: 60, ...more });

  it('goes through for as long as it says', async () => {
    expect((await send(await presigned())).status).toBe(200);
    const old = await presigned({ at: new Date(cloud.clock.now() - 61_000) });
    expect(codeOf(await send(old))).toBe('AccessDenied');
    expect((await send(old)).body).toContain('Request has expired');
  });

  it.each([
    ['another path', (request: RawRequest) => ({ ...request, path: '/bucket/other' })],
    ['a longer life', (request: RawRequest) => ({ ...request, query: { ...request.query, 'X-Amz-Expires': '6000' } })],
    ['a further parameter', (request: RawRequest) => ({ ...request, query: { ...request.query, versionId: '1' } })],
  ])('[B01] with %s is refused', async (_, mutate) => {
    expect(codeOf(await send(mutate(await presigned())))).toBe('SignatureDoesNotMatch');
  });
});

function shifted(request: RawRequest): string {
  const date = request.headers['x-amz-date'] ?? '';
  return `${date.slice(0, -2)}${date.at(-2) === '0' ? '1' : '0'}Z`;
}

function replaced(request: RawRequest, pattern: RegExp, by: (found: string) => string): RawRequest {
  const authorization = (request.headers.authorization ?? '').replace(pattern, by);
  return { ...request, headers: { ...request.headers, authorization } };
}
