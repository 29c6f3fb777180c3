import { lookup } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Session } from '../../functions/sweep/engines/mysql/session.ts';
import { type Authority, type Certificate, makeAuthority, openSslMissing } from '../support/certificates.ts';
import { type MariaDb, mariaDbMissing, startMariaDb } from '../support/engines/mariadb.ts';

/** This machine by its name: to the client a server like any other. */
const HOST = hostname();
const NAMES = [`DNS:${HOST}`];
const known = await lookup(HOST).then(
  ({ address }) => address !== '',
  () => false,
);
const missing =
  openSslMissing ??
  mariaDbMissing ??
  (known && HOST !== 'localhost' ? undefined : 'This machine has no name that it knows itself.');

if (missing !== undefined) console.warn(missing);
describe.skipIf(missing !== undefined)('a MariaDB over TLS', () => {
  let authority: Authority;
  let folder: string;
  let server: MariaDb | undefined;
  beforeEach(() => {
    authority = makeAuthority();
    folder = mkdtempSync(join(tmpdir(), 'parapet-tls-'));
  });
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
    authority[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function put({ cert, key }: Certificate): void {
    writeFileSync(join(folder, 'server.pem'), cert);
    writeFileSync(join(folder, 'server.key'), key, { mode: 0o600 });
  }
  async function start(certificate: Certificate, versions: string): Promise<MariaDb> {
    put(certificate);
    server = await startMariaDb([
      `--ssl-cert=${join(folder, 'server.pem')}`,
      `--ssl-key=${join(folder, 'server.key')}`,
      `--tls-version=${versions}`,
      '--bind-address=*',
    ]);
    return server;
  }
  async function connects({ port, user, password }: MariaDb, authorities?: string): Promise<boolean> {
    try {
      const session = await Session.connect({ host: HOST, port, database: 'parapet', user, password, authorities });
      const [[, version] = []] = await session.rows("SHOW SESSION STATUS LIKE 'Ssl_version'");
      expect(version).toMatch(/^TLSv1\.[23]$/);
      await session.close();
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'endpoint-failed' });
      return false;
    }
  }

  it('[T02] [P08] is read where its certificate is good, and not where it is for another host, has expired, or nobody vouches for it', async () => {
    const running = await start(authority.issue(NAMES), 'TLSv1.2,TLSv1.3');
    expect(await connects(running, authority.ca)).toBe(true);
    expect(await connects(running)).toBe(false);
    for (const bad of [
      authority.issue(['DNS:db.example', 'IP:192.0.2.1']),
      authority.issue(NAMES, -1),
      authority.selfSigned(NAMES),
    ]) {
      put(bad);
      await running.owner.query('FLUSH SSL');
      expect(await connects(running, authority.ca)).toBe(false);
    }
    put(authority.issue(NAMES));
    await running.owner.query('FLUSH SSL');
    expect(await connects(running, authority.ca)).toBe(true);
  }, 60_000);

  it('[T02] [T15] is not read below TLS 1.2', async () => {
    const old = await start(authority.issue(NAMES), 'TLSv1.1');
    expect(await connects(old, authority.ca)).toBe(false);
  }, 60_000);
});
