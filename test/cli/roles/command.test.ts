import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { rolesScript } from '../../../cli/roles/script.ts';
import { PEOPLE } from '../../../infra/people/matrix.ts';
import { type PostgresServer, startPostgres } from '../../support/engines/postgres-server.ts';
import { jsonOf, parapet } from '../run.ts';
import { CONTRACT, makeCustomersTables, stateFor } from './database.ts';

const Script = z.object({ sql: z.string() });
const Checked = z.object({ drift: z.array(z.object({ kind: z.string(), what: z.string() })) });

let server: PostgresServer;
let folder: string;
let contract: string;
let url: string;
beforeAll(async () => {
  server = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), 'parapet-roles-'));
  contract = join(folder, 'contract.json');
  writeFileSync(contract, JSON.stringify(CONTRACT));
  const { host, port, database, user, password } = server.place;
  url = `postgres://${user}:${password}@${host}:${port}/${database}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});

describe('parapet roles', () => {
  it('[P04] prints the matrix, every person in it', async () => {
    const { code, out } = await parapet('roles');
    expect(code).toBe(0);
    for (const person of PEOPLE) expect(out).toContain(`${person}: `);
  });

  it('[P05] prints SQL that runs as it is, and checks what it has made', async () => {
    const admin = await server.connect();
    await makeCustomersTables(admin);
    const before = await parapet('roles', 'check', '--url', url, '--contract', contract, '--json');
    expect(before.code).toBe(2);
    expect(Checked.parse(jsonOf(before)).drift).toContainEqual({ kind: 'missing', what: 'role parapet_analyst' });

    const made = await parapet(
      'roles',
      'sql',
      '--database',
      'postgres',
      '--contract',
      contract,
      '--connections',
      '5',
      '--json',
    );
    await admin.query(Script.parse(jsonOf(made)).sql);

    const after = await parapet('roles', 'check', '--url', url, '--contract', contract, '--connections', '5');
    expect(after).toMatchObject({ code: 0, out: 'as the matrix says\n' });
    const fewer = await parapet('roles', 'check', '--url', url, '--contract', contract);
    expect(fewer.out).toContain('extra    parapet_sweep_a has at most 5 sessions');
  });

  it('[P05] runs as the owner of a database who is no superuser, as nobody is where the server is hired', async () => {
    const admin = await server.connect();
    await admin.query("CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD 'master'");
    await admin.query('GRANT pg_signal_backend TO master WITH ADMIN TRUE');
    const connected = async (database: string): Promise<pg.Client> => {
      const client = new pg.Client({ ...server.place, database, user: 'master', password: 'master' });
      await client.connect();
      return client;
    };
    const first = await connected('postgres').catch(() => undefined);
    // CONNECT on the other database was taken from everybody by the test before.
    expect(first).toBeUndefined();
    await admin.query('CREATE DATABASE crm OWNER master');
    const master = await connected('crm');
    try {
      await makeCustomersTables(master);
      // Roles are the cluster's: whoever made those that are there must let the new owner keep them.
      for (const { role } of stateFor('crm').roles)
        await admin.query(`GRANT ${role} TO master WITH ADMIN TRUE, SET TRUE`);
      for (const _ of [1, 2]) await master.query(rolesScript(stateFor('crm')));
      const checked = await parapet(
        ...['roles', 'check', '--url', `postgres://master:master@127.0.0.1:${server.place.port}/crm`],
        ...['--contract', contract, '--connections', '3'],
      );
      expect(checked).toMatchObject({ code: 0, out: 'as the matrix says\n' });
    } finally {
      await master.end();
    }
  });

  it('refuses an address without verified TLS, and repeats no password', async () => {
    const ended = await parapet('roles', 'check', '--url', 'postgres://me:very-secret@127.0.0.1:1/x?sslmode=require');
    expect(ended.code).toBe(2);
    expect(ended.err + ended.out).toContain('tls-required');
    expect(ended.err + ended.out).not.toContain('very-secret');
  });
});
