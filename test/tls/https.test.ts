import { createServer, type Server } from 'node:https';
import { connect, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientOptions } from '../../functions/aws/client-options.ts';
import { type Authority, type Certificate, makeAuthority, openSslMissing } from '../support/certificates.ts';

const NAMES = ['IP:127.0.0.1'];

if (openSslMissing !== undefined) console.warn(openSslMissing);
describe.skipIf(openSslMissing !== undefined)('an AWS client over HTTPS', () => {
  let authority: Authority;
  let server: Server | undefined;
  const known = getCACertificates('default');
  beforeAll(() => {
    authority = makeAuthority();
    setDefaultCACertificates([...known, authority.ca]);
  });
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
    server = undefined;
  });
  afterAll(() => {
    setDefaultCACertificates(known);
    authority[Symbol.dispose]();
  });

  /** How many requests have arrived. */
  let arrived = 0;
  async function serve({ cert, key }: Certificate, more: object = {}): Promise<number> {
    arrived = 0;
    server = createServer({ cert, key, ...more }, (_request, response) => {
      arrived += 1;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{"SecretList":[]}');
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
  async function calls(port: number): Promise<boolean> {
    const client = new SecretsManagerClient({
      ...clientOptions(),
      maxAttempts: 1,
      region: 'us-east-1',
      endpoint: `https://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const answered = await client.send(new ListSecretsCommand({})).then(
      () => true,
      () => false,
    );
    client.destroy();
    expect(arrived).toBe(answered ? 1 : 0);
    return answered;
  }

  it('[T02] [P09] is answered where the certificate is good, at TLS 1.2 as at 1.3', async () => {
    expect(await calls(await serve(authority.issue(NAMES)))).toBe(true);
    server?.close();
    expect(await calls(await serve(authority.issue(NAMES), { maxVersion: 'TLSv1.2' }))).toBe(true);
  });

  it.each([
    ['is for another host', () => authority.issue(['DNS:secretsmanager.example'])],
    ['has expired', () => authority.issue(NAMES, -1)],
    ['nobody vouches for', () => authority.selfSigned(NAMES)],
  ])('[T02] [P09] sends nothing where the certificate %s', async (_, make) => {
    expect(await calls(await serve(make()))).toBe(false);
  });

  it('[T02] [T15] sends nothing below TLS 1.2, to a server that shakes hands with whoever would', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const port = await serve(authority.issue(NAMES), old);
    const careless = await new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', ...old, minVersion: 'TLSv1' }, () => resolve(socket));
      socket.on('error', reject);
    });
    expect(careless.getProtocol()).toBe('TLSv1.1');
    careless.destroy();
    expect(await calls(port)).toBe(false);
  });
});
