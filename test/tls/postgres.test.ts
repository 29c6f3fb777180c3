import { chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabasePlace } from '../../functions/sweep/engines/database-place.ts';
import { Session } from '../../functions/sweep/engines/postgres/session.ts';
import { type Authority, type Certificate, makeAuthority, openSslMissing } from '../support/certificates.ts';
import { type PostgresServer, startPostgres } from '../support/engines/postgres-server.ts';

/** Leads to this machine, and is not called loopback: the client asks for everything that it asks of a server elsewhere. */
const HOST = '0.0.0.0';
const NAMES = [`IP:${HOST}`];

if (openSslMissing !== undefined) console.warn(openSslMissing);
describe.skipIf(openSslMissing !== undefined)('a PostgreSQL over TLS', () => {
  let authority: Authority;
  let server: PostgresServer;
  let admin: pg.Client;
  beforeAll(async () => {
    authority = makeAuthority();
    server = await startPostgres(['listen_addresses=*']);
    admin = await server.connect();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    authority[Symbol.dispose]();
  });

  /** The server reads its certificate and its versions again while it runs. */
  async function serve({ cert, key }: Certificate, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const { rows } = await admin.query('SHOW data_directory');
    const owner = statSync(rows[0].data_directory);
    for (const [name, text] of [
      ['server.crt', cert],
      ['server.key', key],
    ] as const) {
      writeFileSync(join(rows[0].data_directory, name), text, { mode: 0o600 });
      chownSync(join(rows[0].data_directory, name), owner.uid, owner.gid);
    }
    const all = { ssl_min_protocol_version: 'TLSv1.2', ssl_max_protocol_version: '', ssl: 'on', ...settings };
    for (const [name, value] of Object.entries(all)) await admin.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await admin.query('SELECT pg_reload_conf()');
    // The postmaster takes it up in its own time: new connections say when.
    for (;;) {
      await using seen = closing(await server.connect());
      const shown = await Promise.all(
        Object.keys(all).map(async (name) => (await seen.client.query(`SHOW ${name}`)).rows[0][name]),
      );
      if (shown.every((value, index) => value === Object.values(all)[index])) return;
    }
  }
  const closing = (client: pg.Client) => ({ client, [Symbol.asyncDispose]: () => client.end() });

  const asked = (authorities: string | undefined): DatabasePlace => ({ ...server.place, host: HOST, authorities });
  async function connects(authorities?: string): Promise<boolean> {
    try {
      const session = await Session.connect(asked(authorities ?? authority.ca));
      const [[used] = []] = await session.query('SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      expect(used).toBe('true');
      await session.close();
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'endpoint-failed' });
      return false;
    }
  }

  it('[T02] [P08] is read where its certificate is good, at TLS 1.2 as at 1.3', async () => {
    await serve(authority.issue(NAMES));
    expect(await connects()).toBe(true);
    await serve(authority.issue(NAMES), { ssl_max_protocol_version: 'TLSv1.2' });
    expect(await connects()).toBe(true);
  });

  it('[T02] [P08] is not read where the certificate is for another host, has expired, or nobody vouches for it', async () => {
    await serve(authority.issue(['DNS:db.example', 'IP:192.0.2.1']));
    expect(await connects()).toBe(false);
    await serve(authority.issue(NAMES, -1));
    expect(await connects()).toBe(false);
    await serve(authority.selfSigned(NAMES));
    expect(await connects()).toBe(false);
    await serve(authority.issue(NAMES));
    // The platform's authorities know nothing of the customer's own.
    await expect(Session.connect(asked(undefined))).rejects.toMatchObject({ code: 'endpoint-failed' });
    expect(await connects()).toBe(true);
  });

  it('[T02] [T15] is not read below TLS 1.2, whatever the platform would allow', async () => {
    await serve(authority.issue(NAMES), { ssl_min_protocol_version: 'TLSv1', ssl_max_protocol_version: 'TLSv1.1' });
    expect(await connects()).toBe(false);
  });
});
