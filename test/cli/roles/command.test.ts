import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PEOPLE } from '../../../infra/people/matrix.ts';
import { type PostgresServer, startPostgres } from '../../support/engines/postgres-server.ts';
import { jsonOf, parapet } from '../run.ts';
import { CONTRACT, makeCustomersTables } from './database.ts';

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

  it('refuses an address without verified TLS, and repeats no password', async () => {
    const ended = await parapet('roles', 'check', '--url', 'postgres://me:very-secret@127.0.0.1:1/x?sslmode=require');
    expect(ended.code).toBe(2);
    expect(ended.err + ended.out).toContain('tls-required');
    expect(ended.err + ended.out).not.toContain('very-secret');
  });
});
