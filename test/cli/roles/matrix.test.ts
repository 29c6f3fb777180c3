import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desired } from '../../../cli/roles/desired.ts';
import { driftOf } from '../../../cli/roles/drift.ts';
import { groupOf, KEEPER, logInsOf, name, qualified, SCHEMAS, TOKEN_KEY } from '../../../cli/roles/names.ts';
import { rolesScript } from '../../../cli/roles/script.ts';
import { Session } from '../../../functions/sweep/engines/postgres/session.ts';
import {
  DATABASE_OBJECTS,
  type DatabaseObject,
  type DatabaseRights,
  PEOPLE,
  roleOf,
  SERVICE_ACCOUNTS,
  type ServiceAccountName,
} from '../../../infra/people/matrix.ts';
import { type PostgresServer, startPostgres } from '../../support/engines/postgres-server.ts';
import { applyScript, HOSTILE_COLUMN, makeCustomersTables, SCHEMA, stateFor, TABLE } from './database.ts';

let server: PostgresServer;
let admin: pg.Client;
let state: Desired;
const clients = new Map<string, pg.Client>();
const PASSWORD = 'for these tests';
const DENIED = '42501';
/** A view that joins takes no row from anybody. */
const NOT_UPDATABLE = '55000';

const accounts = Object.keys(SERVICE_ACCOUNTS) as ServiceAccountName[];
/** Every role of the matrix, and who logs in to have it. */
const HOLDERS: readonly { readonly who: string; readonly logIn: string; readonly rights: DatabaseRights }[] = [
  ...PEOPLE.filter((person) => roleOf(person).database !== undefined).map((person) => ({
    who: person,
    logIn: `leased_${groupOf(person)}`,
    rights: roleOf(person).database ?? {},
  })),
  ...accounts.map((account) => ({
    who: `service account ${account}`,
    logIn: logInsOf(account)[0],
    rights: SERVICE_ACCOUNTS[account].database,
  })),
  { who: 'nobody in particular', logIn: 'somebody', rights: {} },
];

beforeAll(async () => {
  server = await startPostgres();
  admin = await server.connect();
  await makeCustomersTables(admin);
  state = stateFor(server.place.database);
  await applyScript(admin, state);
  for (const { who, logIn } of HOLDERS) {
    if (who.startsWith('service account')) await admin.query(`ALTER ROLE ${name(logIn)} LOGIN PASSWORD '${PASSWORD}'`);
    else {
      const group = logIn.replace('leased_', '');
      const member = logIn === 'somebody' ? '' : `IN ROLE ${name(group)}`;
      await admin.query(`CREATE ROLE ${name(logIn)} LOGIN PASSWORD '${PASSWORD}' ${member}`);
      if (logIn === 'somebody') await admin.query(`GRANT CONNECT ON DATABASE postgres TO ${name(logIn)}`);
    }
    const client = new pg.Client({ ...server.place, user: logIn, password: PASSWORD });
    client.on('error', () => {});
    await client.connect();
    clients.set(logIn, client);
  }
  await admin.query(`
    CREATE TABLE parapet_staging.load (id int); ALTER TABLE parapet_staging.load OWNER TO parapet_owner;
    CREATE TABLE parapet_ledger.grants (id int); ALTER TABLE parapet_ledger.grants OWNER TO parapet_owner;
  `);
  // Rights on what is there already: the script is run again, as after every change.
  await applyScript(admin, state);
});

afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.end()));
  await server[Symbol.asyncDispose]();
});

const PLACES: Readonly<
  Record<DatabaseObject, { readonly schema: string; readonly table: string; readonly column: string }>
> = {
  data: { schema: SCHEMA, table: TABLE, column: 'id' },
  analysis: { schema: SCHEMAS.analysis, table: 'people', column: 'id' },
  staging: { schema: SCHEMAS.staging, table: 'load', column: 'id' },
  ledger: { schema: SCHEMAS.ledger, table: 'grants', column: 'id' },
  tokens: { schema: SCHEMAS.tokens, table: TOKEN_KEY, column: 'single' },
};

/** Whether it is allowed; whatever it did is taken back. */
async function allowed(logIn: string, sql: string): Promise<boolean> {
  const client = clients.get(logIn);
  if (client === undefined) throw new Error(`${logIn} has no client`);
  await client.query('BEGIN READ WRITE');
  try {
    await client.query(sql);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && [DENIED, NOT_UPDATABLE].includes(error.code ?? '')) return false;
    throw error;
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Each verb as statements that change nothing, each of which must be decided alike. */
const ATTEMPTS = {
  read: (table: string, column: string) => [`SELECT count(${column}) FROM ${table}`],
  write: (table: string, column: string) => [
    `INSERT INTO ${table} (${column}) SELECT NULL WHERE false`,
    `UPDATE ${table} SET ${column} = NULL`,
    `DELETE FROM ${table}`,
  ],
  make: (_table: string, _column: string, schema: string) => [
    `CREATE TABLE ${schema}.made (id int)`,
    `CREATE FUNCTION ${schema}.called() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  ],
} as const;

describe('the matrix in a PostgreSQL', () => {
  const cases = HOLDERS.flatMap((holder) =>
    Object.keys(DATABASE_OBJECTS).map((object) => ({ ...holder, object: object as DatabaseObject })),
  );

  it.each(cases)('[P05] [B08] gives $who on $object what it says, and no more', async ({ logIn, rights, object }) => {
    const { schema, table, column } = PLACES[object];
    for (const [verb, attempts] of Object.entries(ATTEMPTS)) {
      const expected = (rights[object] ?? []).some((each) => each === verb);
      // Who writes where a condition reads needs no reading: the statements have none.
      for (const sql of attempts(qualified(schema, table), name(column), name(schema))) {
        expect(await allowed(logIn, sql), sql).toBe(expected);
      }
    }
    const drop = object === 'analysis' ? 'DROP VIEW' : 'DROP TABLE';
    expect(await allowed(logIn, `${drop} ${qualified(schema, table)}`)).toBe(false);
    if (object !== 'analysis') expect(await allowed(logIn, `TRUNCATE ${qualified(schema, table)}`)).toBe(false);
  });

  it.each(HOLDERS)('[P05] gives $who nothing of what is everybody’s by default', async ({ logIn }) => {
    for (const sql of [
      'CREATE TABLE public.made (id int)',
      'CREATE TEMPORARY TABLE made (id int)',
      'SELECT public.everybodys()',
      'SELECT * FROM public.victim',
      'SELECT lo_create(0)',
      'CREATE ROLE another',
      'CREATE DATABASE another',
      'SET ROLE parapet_owner',
      'SET SESSION AUTHORIZATION postgres',
      "COPY (SELECT 1) TO PROGRAM 'true'",
      "SELECT pg_read_file('/etc/passwd')",
      'ALTER ROLE parapet_keeper SUPERUSER',
      'GRANT parapet_break_glass TO CURRENT_USER',
    ]) {
      if (sql.startsWith('CREATE DATABASE')) {
        await clients.get(logIn)?.query('SET default_transaction_read_only = off');
        await expect(clients.get(logIn)?.query(sql)).rejects.toMatchObject({ code: DENIED });
      } else expect(await allowed(logIn, sql), sql).toBe(false);
    }
  });

  it('[P05] keeps everybody else out of the database', async () => {
    await admin.query(`CREATE ROLE stranger LOGIN PASSWORD '${PASSWORD}'`);
    const client = new pg.Client({ ...server.place, user: 'stranger', password: PASSWORD });
    await expect(client.connect()).rejects.toMatchObject({ code: DENIED });
    await client.end().catch(() => {});
  });

  it('[P05] [P10] shows an analyst tokens where a column is personal: alike for the same value, and for nothing nothing', async () => {
    const rows = await clients
      .get('leased_parapet_analyst')
      ?.query('SELECT * FROM parapet_analysis.people ORDER BY id');
    expect(rows?.rows).toEqual([
      { id: 1, region: 'north', email: expect.stringMatching(/^tok_[\w-]{32}$/), born: 'masked' },
      { id: 2, region: 'south', email: rows?.rows[0].email, born: null },
      { id: 3, region: 'south', email: null, born: null },
    ]);
    expect(JSON.stringify(rows?.rows)).not.toContain('ada');
  });

  it('[P05] gives an analyst nothing to try values with: no key, no function that makes tokens', async () => {
    const routines = await admin.query(
      "SELECT count(*)::int AS n FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname LIKE 'parapet%'",
    );
    expect(routines.rows).toEqual([{ n: 0 }]);
    const key = qualified(SCHEMAS.tokens, TOKEN_KEY);
    expect(await allowed('leased_parapet_analyst', `SELECT inner_block FROM ${key}`)).toBe(false);
    expect(
      await allowed('leased_parapet_analyst', `SELECT ${name(HOSTILE_COLUMN)} FROM ${qualified(SCHEMA, TABLE)}`),
    ).toBe(false);
    const { rows } = await admin.query(
      `SELECT octet_length(inner_block) AS i, octet_length(outer_block) AS o, inner_block <> outer_block AS two FROM ${key}`,
    );
    expect(rows).toEqual([{ i: 64, o: 64, two: true }]);
  });

  it('[P05] lets service accounts begin no transaction that writes, hold no statement for ever, and open no session too many', async () => {
    const sweep = clients.get(logInsOf('sweep')[0]);
    await sweep?.query('RESET default_transaction_read_only');
    const shown = async (setting: string): Promise<unknown> =>
      (await sweep?.query(`SHOW ${setting}`))?.rows[0][setting];
    expect(await shown('default_transaction_read_only')).toBe('on');
    expect(await shown('statement_timeout')).toBe('15min');
    await expect(sweep?.query('CREATE TABLE parapet_staging.x (id int)')).rejects.toMatchObject({ code: '25006' });
    const more = Array.from(
      { length: 3 },
      () => new pg.Client({ ...server.place, user: logInsOf('sweep')[0], password: PASSWORD }),
    );
    const opened = await Promise.allSettled(more.map((client) => client.connect()));
    expect(opened.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await Promise.allSettled(more.map((client) => client.end()));
  });

  it('[P05] [S03] lets nobody log in as a group or an owner, and lets the keeper make log-ins and nothing else', async () => {
    const { rows } = await admin.query(
      "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'parapet%' AND rolname <> ALL ($1)",
      [accounts.map((account) => logInsOf(account)[0])],
    );
    expect(rows).toEqual([{ rolname: KEEPER }]);
    await admin.query(`ALTER ROLE ${KEEPER} PASSWORD '${PASSWORD}'`);
    const keeper = new pg.Client({ ...server.place, user: KEEPER, password: PASSWORD });
    await keeper.connect();
    try {
      await keeper.query(`CREATE ROLE lease_1 LOGIN PASSWORD '${PASSWORD}' IN ROLE parapet_sweep CONNECTION LIMIT 1`);
      await keeper.query(`ALTER ROLE ${logInsOf('sweep')[1]} LOGIN PASSWORD '${PASSWORD}'`);
      await keeper.query(`ALTER ROLE ${logInsOf('sweep')[1]} NOLOGIN`);
      await keeper.query('DROP ROLE lease_1');
      for (const sql of [
        `SELECT * FROM ${qualified(SCHEMA, TABLE)}`,
        'CREATE ROLE grown SUPERUSER',
        'ALTER ROLE postgres PASSWORD NULL',
        'CREATE TABLE parapet_staging.x (id int)',
        'GRANT pg_execute_server_program TO parapet_keeper',
        'SET ROLE parapet_break_glass',
      ]) {
        await expect(keeper.query(sql), sql).rejects.toMatchObject({ code: DENIED });
      }
    } finally {
      await keeper.end();
    }
  });

  it('[P05] lets those who tend sessions end one, and see no statement of others', async () => {
    const victim = clients.get('somebody');
    const { rows } = (await victim?.query('SELECT pg_backend_pid() AS pid')) ?? { rows: [] };
    const other = await clients
      .get('leased_parapet_admin')
      ?.query('SELECT query FROM pg_stat_activity WHERE pid = $1', [rows[0].pid]);
    expect(other?.rows).toEqual([{ query: '<insufficient privilege>' }]);
    await expect(
      clients.get('leased_parapet_analyst')?.query('SELECT pg_cancel_backend($1)', [rows[0].pid]),
    ).rejects.toMatchObject({ code: DENIED });
    const ended = await clients
      .get('leased_parapet_admin')
      ?.query('SELECT pg_cancel_backend($1) AS ended', [rows[0].pid]);
    expect(ended?.rows).toEqual([{ ended: true }]);
  });
});

describe('the script', () => {
  /** Everything that the catalogues say of roles and rights, with row versions: an update that changes nothing would show. */
  const catalogues = async (): Promise<unknown> => {
    const ask = async (sql: string): Promise<unknown> => (await admin.query(sql)).rows;
    return {
      roles: await ask(
        'SELECT rolname, rolsuper, rolcreaterole, rolcanlogin, rolconnlimit, rolconfig, rolpassword IS NULL AS open FROM pg_authid LEFT JOIN pg_db_role_setting ON setrole = pg_authid.oid LEFT JOIN LATERAL (SELECT setconfig AS rolconfig) c ON true ORDER BY 1',
      ),
      members: await ask(
        'SELECT roleid, member, admin_option, inherit_option, set_option FROM pg_auth_members ORDER BY 1, 2, 3',
      ),
      schemas: await ask('SELECT nspname, nspacl::text FROM pg_namespace ORDER BY 1'),
      relations: await ask('SELECT oid, relname, relacl::text, reloptions FROM pg_class WHERE oid > 16384 ORDER BY 1'),
      columns: await ask(
        'SELECT attrelid, attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL ORDER BY 1, 2',
      ),
      routines: await ask('SELECT oid, proacl::text FROM pg_proc WHERE proacl IS NOT NULL ORDER BY 1'),
      defaults: await ask(
        'SELECT defaclrole, defaclnamespace, defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 1, 2, 3',
      ),
      database: await ask('SELECT datacl::text FROM pg_database WHERE datname = current_database()'),
      key: await ask(`SELECT md5(inner_block || outer_block) FROM ${qualified(SCHEMAS.tokens, TOKEN_KEY)}`),
    };
  };

  it('[P05] changes nothing when it is run again, and the check finds nothing', async () => {
    const before = await catalogues();
    await applyScript(admin, state);
    expect(await catalogues()).toEqual(before);
    expect(await drift()).toEqual([]);
  });

  it('[P05] [S11] holds names that would break out of it: they are quoted, and nothing of them has run', async () => {
    const { rows } = await admin.query(
      "SELECT to_regclass('public.victim') IS NOT NULL AS there, (SELECT count(*)::int FROM pg_roles WHERE rolname = 'postgres') AS owner",
    );
    expect(rows).toEqual([{ there: true, owner: 1 }]);
    for (const hostile of ['', 'a\0b', 'ü'.repeat(32)]) {
      const bad = {
        ...state,
        dataTables: [{ dataset: 'x', schema: hostile, table: 't', columns: [] }],
        dataSchemas: [hostile],
      };
      expect(() => rolesScript(bad)).toThrow(/A name in a database has 1 to 63 bytes/);
    }
  });

  it('[P05] refuses another database than its own', async () => {
    await expect(admin.query(rolesScript(stateFor('another')))).rejects.toThrow('this script is for another database');
    await admin.query('ROLLBACK');
  });

  async function drift(): Promise<readonly string[]> {
    const session = await Session.connect(server.place);
    try {
      return (await driftOf(session, state)).map(({ kind, what }) => `${kind}: ${what}`);
    } finally {
      await session.close();
    }
  }

  it.each([
    [
      'GRANT UPDATE ON parapet_ledger.grants TO parapet_sweep',
      'extra: parapet_sweep may UPDATE on parapet_ledger.grants',
    ],
    ['GRANT SELECT ON parapet_ledger.grants TO PUBLIC', 'extra: everybody may SELECT on parapet_ledger.grants'],
    [
      'REVOKE SELECT ON parapet_ledger.grants FROM parapet_reconciliation',
      'missing: parapet_reconciliation may SELECT on parapet_ledger.grants',
    ],
    ['ALTER ROLE parapet_analyst CREATEROLE', 'extra: parapet_analyst makes roles'],
    ['ALTER ROLE parapet_analyst LOGIN', 'extra: parapet_analyst logs in'],
    ['ALTER ROLE parapet_sweep_a CONNECTION LIMIT 90', 'missing: parapet_sweep_a has at most 3 sessions'],
    [
      'ALTER ROLE parapet_sweep_b SET default_transaction_read_only = off',
      'missing: parapet_sweep_b has default_transaction_read_only=on',
    ],
    [
      'GRANT parapet_break_glass TO parapet_analyst',
      'extra: parapet_analyst is a member of parapet_break_glass, with what it has',
    ],
    ['GRANT CREATE ON SCHEMA public TO PUBLIC', 'extra: everybody may CREATE on schema public'],
    ['GRANT TEMPORARY ON DATABASE postgres TO PUBLIC', 'extra: everybody may TEMPORARY on the database'],
    [
      'GRANT EXECUTE ON FUNCTION public.everybodys() TO PUBLIC',
      'extra: everybody may EXECUTE on routine public.everybodys',
    ],
    [
      `DROP VIEW parapet_analysis.people; CREATE VIEW parapet_analysis.people AS SELECT * FROM ${qualified(SCHEMA, TABLE)}; ALTER VIEW parapet_analysis.people OWNER TO parapet_owner`,
      'extra: view parapet_analysis.people is another',
    ],
  ])('[P05] the check names what differs: %s', async (careless, expected) => {
    await admin.query(careless);
    expect(await drift()).toContain(expected);
    if (careless.startsWith('GRANT parapet_break_glass'))
      await admin.query('REVOKE parapet_break_glass FROM parapet_analyst');
    if (careless.startsWith('DROP VIEW')) await admin.query('DROP VIEW parapet_analysis.people');
    await applyScript(admin, state);
    expect(await drift()).toEqual([]);
  });
});
