import { createServer, type Server, type ServerResponse } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { S3ObjectStore } from '../../../functions/aws/object-store.ts';

let server: Server | undefined;
let client: S3Client | undefined;

/** A store in front of a server that answers by script, one answer per request. */
async function scripted(
  ...answers: ((response: ServerResponse) => void)[]
): Promise<{ store: S3ObjectStore; requests: string[] }> {
  const requests: string[] = [];
  const opened = createServer((request, response) => {
    requests.push(`${request.method} ${request.headers['if-none-match'] ?? ''}`.trim());
    request.resume().on('end', () => (answers.shift() ?? answers[0])?.(response));
  });
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  const address = opened.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { store: new S3ObjectStore({ client, bucket: 'bucket', key: 'key' }), requests };
}

afterEach(() => {
  client?.destroy();
  server?.closeAllConnections();
  server?.close();
});

const answer = (status: number, code?: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-version-id': 'v1' });
  response.end(code === undefined ? '' : `<Error><Code>${code}</Code><Message>quotes SECRET</Message></Error>`);
};
const cut = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('x'.repeat(400), () => response.destroy());
};

describe('an object store over a network', () => {
  it('does not take a lost connection for the end of an object', async () => {
    const { store } = await scripted(cut);
    const reading = (async () => {
      for await (const _ of store.stream('key', 'v1'));
    })();
    await expect(reading).rejects.toMatchObject({ name: 'Transient' });
  });

  it('does not take half an object for one', async () => {
    const { store } = await scripted(cut);
    await expect(store.get('key', { maxBytes: 10_000 })).rejects.toMatchObject({ name: 'Transient' });
  });

  it('[B05] takes a 412 after a lost answer as what it may be: its own earlier write', async () => {
    const { store, requests } = await scripted((response) => response.destroy(), answer(412, 'PreconditionFailed'));
    expect(await store.create('key', Buffer.from('a'), { contentType: 'text/plain' })).toEqual({ outcome: 'exists' });
    expect(requests).toEqual(['PUT *', 'PUT *']);
  });

  it('tries a race of two conditional writes again until it is decided', async () => {
    const conflict = answer(409, 'ConditionalRequestConflict');
    const { store, requests } = await scripted(conflict, conflict, answer(200));
    expect(await store.create('key', Buffer.from('a'), { contentType: 'text/plain' })).toMatchObject({
      outcome: 'created',
    });
    expect(requests).toHaveLength(3);
  });

  it('says what repeating may cure, and what it cannot, without the message', async () => {
    const { store } = await scripted(answer(503, 'SlowDown'), answer(503, 'SlowDown'), answer(403, 'AccessDenied'));
    const put = () => store.put('key', Buffer.from('a'), { contentType: 'text/plain' });
    await expect(put()).rejects.toMatchObject({
      name: 'Transient',
      reason: 'throttled',
      message: 'PutObject: throttled',
    });
    await expect(put()).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.not.stringContaining('SECRET'),
    });
  });
});
