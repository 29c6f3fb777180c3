/** The state as SQL for PostgreSQL 16 or newer: one transaction, which changes nothing where nothing is amiss. */
import type { Desired, DesiredRole, Membership, Privilege } from './desired.ts';
import { MAKERS, makersIn, name, OWNER, qualified, SCHEMAS, TOKEN_KEY, text } from './names.ts';

export function rolesScript(state: Desired): string {
  return `${[
    '-- Made by `parapet roles sql`. Run it as the owner of the database who may create roles: psql --set ON_ERROR_STOP=1 --file',
    'BEGIN;',
    // Texts below are written for it, and nothing below is found by a path.
    'SET LOCAL standard_conforming_strings = on;',
    "SET LOCAL search_path = '';",
    block(
      // Before 16 whoever may create roles may change every other, and take any: PostgreSQL 16's release notes, E.1.3.1.8.
      "IF current_setting('server_version_num')::int < 160000 THEN RAISE EXCEPTION 'PostgreSQL 16 or newer is needed'; END IF;",
      `IF current_database() <> ${text(state.database)} THEN RAISE EXCEPTION 'this script is for another database'; END IF;`,
    ),
    '-- Roles.',
    ...state.roles.flatMap(roleStatements),
    ...state.memberships.map(membershipStatement),
    // Whoever is no superuser sets the defaults of a role only as one of it, and makes schemas for it only so.
    block(
      'IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN',
      ...MAKERS.map((role) => `EXECUTE format('GRANT %I TO %I', ${text(role)}, current_user);`),
      'END IF;',
    ),
    '-- Schemas of ours.',
    ...Object.values(SCHEMAS).map(
      (schema) => `CREATE SCHEMA IF NOT EXISTS ${name(schema)} AUTHORIZATION ${name(OWNER)};`,
    ),
    '-- Nothing is everybody’s.',
    ...nothingForPublic(state),
    ...nothingByHand(state),
    '-- The key behind the tokens, the views, and first what their owner may read.',
    ...state.privileges
      .filter(({ grantee }) => grantee === OWNER)
      .flatMap((each) => privilegeStatements(each, state.database)),
    `SET LOCAL ROLE ${name(OWNER)};`,
    ...tokenKey(),
    ...state.views.map(
      ({ schema, view, query }) =>
        `CREATE OR REPLACE VIEW ${qualified(schema, view)} WITH (security_barrier = true) AS ${query};`,
    ),
    'RESET ROLE;',
    '-- Who may what.',
    ...state.privileges
      .filter(({ grantee }) => grantee !== OWNER)
      .flatMap((each) => privilegeStatements(each, state.database)),
    'COMMIT;',
  ].join('\n')}\n`;
}

const block = (...lines: readonly string[]): string => `DO $parapet$ BEGIN ${lines.join(' ')} END $parapet$;`;

/** Names of roles are ours: letters and underscores. What a role must not be is taken from it wherever that is not a superuser's matter. */
function roleStatements({ role, kind, settings, connections }: DesiredRole): string[] {
  const plain = 'INHERIT NOCREATEDB';
  const may = kind === 'keeper' ? 'CREATEROLE' : 'NOCREATEROLE';
  // Whether a log-in is open is rotation's matter.
  const opened = kind === 'group' ? 'NOLOGIN' : '';
  const created = kind === 'keeper' ? 'LOGIN' : 'NOLOGIN';
  return [
    block(
      `IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${text(role)}) THEN CREATE ROLE ${name(role)} ${created} NOSUPERUSER; END IF;`,
    ),
    `ALTER ROLE ${name(role)} ${[plain, may, opened].join(' ').trim()} CONNECTION LIMIT ${connections ?? -1};`,
    ...Object.entries(settings).map(
      ([setting, value]) => `ALTER ROLE ${name(role)} SET ${name(setting)} = ${text(value)};`,
    ),
  ];
}

function membershipStatement({ role, member, inherits, administers }: Membership): string {
  return `GRANT ${name(role)} TO ${name(member)} WITH ADMIN ${yes(administers)}, INHERIT ${yes(inherits)}, SET FALSE;`;
}

const yes = (value: boolean): string => (value ? 'TRUE' : 'FALSE');

/** Large objects know no grants before they are made: whoever may make one writes. */
const LARGE_OBJECTS = ['lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)'];

function nothingForPublic({ database, dataSchemas, dataTables }: Desired): string[] {
  const schemas = [...new Set(['public', ...dataSchemas, ...Object.values(SCHEMAS)])];
  return [
    `REVOKE ALL ON DATABASE ${name(database)} FROM PUBLIC;`,
    ...schemas.flatMap((schema) => [
      `REVOKE ALL ON SCHEMA ${name(schema)} FROM PUBLIC;`,
      ...['TABLES', 'SEQUENCES', 'ROUTINES'].map(
        (kind) => `REVOKE ALL ON ALL ${kind} IN SCHEMA ${name(schema)} FROM PUBLIC;`,
      ),
    ]),
    ...dataTables.map(({ schema, table }) => `REVOKE ALL ON TABLE ${qualified(schema, table)} FROM PUBLIC;`),
    'ALTER DEFAULT PRIVILEGES REVOKE ALL ON ROUTINES FROM PUBLIC;',
    ...MAKERS.map((role) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(role)} REVOKE ALL ON ROUTINES FROM PUBLIC;`),
    block(
      'IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN',
      ...LARGE_OBJECTS.map((routine) => `REVOKE ALL ON FUNCTION pg_catalog.${routine} FROM PUBLIC;`),
      'END IF;',
    ),
  ];
}

/** Made where it is used, and by nobody seen: two blocks of SHA-256's size, each of 244 bits of the server's own randomness. */
function tokenKey(): string[] {
  const table = qualified(SCHEMAS.tokens, TOKEN_KEY);
  const random = 'sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))';
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (single boolean PRIMARY KEY DEFAULT true CHECK (single), inner_block bytea NOT NULL, outer_block bytea NOT NULL);`,
    `INSERT INTO ${table} (inner_block, outer_block) SELECT ${random} || ${random}, ${random} || ${random} WHERE NOT EXISTS (SELECT FROM ${table});`,
  ];
}

/** Everything that was given by hand on what is known here goes; what the matrix gives comes back below. */
function nothingByHand(state: Desired): string[] {
  const roles = state.roles.map(({ role }) => role).filter((role) => role !== OWNER);
  const all = roles.map(name).join(', ');
  return [
    `REVOKE ALL ON DATABASE ${name(state.database)} FROM ${all};`,
    ...[...new Set(['public', ...Object.values(SCHEMAS), ...state.dataSchemas])].flatMap((schema) => [
      `REVOKE ALL ON SCHEMA ${name(schema)} FROM ${all};`,
      `REVOKE ALL ON ALL TABLES IN SCHEMA ${name(schema)} FROM ${all};`,
    ]),
  ];
}

function privilegeStatements({ grantee, on, privileges }: Privilege, database: string): string[] {
  const to = name(grantee);
  const list = privileges.join(', ');
  switch (on.kind) {
    case 'database':
      return [`GRANT ${list} ON DATABASE ${name(database)} TO ${to};`];
    case 'schema':
      return [`GRANT ${list} ON SCHEMA ${name(on.schema)} TO ${to};`];
    case 'table': {
      const columns = on.columns === undefined ? '' : ` (${on.columns.map(name).join(', ')})`;
      return [`GRANT ${list}${columns} ON TABLE ${qualified(on.schema, on.table)} TO ${to};`];
    }
    case 'tables': {
      const where = `IN SCHEMA ${name(on.schema)}`;
      return [
        `GRANT ${list} ON ALL TABLES ${where} TO ${to};`,
        ...makersIn(on.schema)
          .filter((maker) => maker !== grantee)
          .map(
            (maker) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(maker)} ${where} GRANT ${list} ON TABLES TO ${to};`,
          ),
      ];
    }
  }
}
