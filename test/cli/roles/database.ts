/** A database as a customer might have it, with names that try to break out of SQL, and log-ins for every role of the matrix. */
import type pg from 'pg';
import { type Desired, desiredState } from '../../../cli/roles/desired.ts';
import { name, qualified } from '../../../cli/roles/names.ts';
import { rolesScript } from '../../../cli/roles/script.ts';
import { tablesOf } from '../../../cli/roles/views.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { contractOf } from '../../support/sweep/contract.ts';

export const SCHEMA = `Crm"; DROP ROLE postgres; --`;
export const TABLE = `people'; DROP TABLE victim; $parapet$ --`;
export const HOSTILE_COLUMN = `e-mail" || (SELECT 'x') || "`;

export const CONTRACT: Equivalence = contractOf({
  dataset: 'people',
  source: { engine: 'postgres', connection: 'crm', consistency: 'frozen', schema: SCHEMA, table: TABLE },
  target: { engine: 'dynamodb', connection: 'copy', consistency: 'settled', table: 'people' },
  key: ['id'],
  columns: [
    { name: 'id', type: { kind: 'integer' } },
    { name: 'region', type: { kind: 'text' }, class: 'internal' },
    { name: 'email', type: { kind: 'text' }, class: 'pii', mask: 'token', source: { name: HOSTILE_COLUMN } },
    { name: 'born', type: { kind: 'date' }, class: 'pii', mask: 'omit' },
  ],
});

export function stateFor(database: string): Desired {
  return desiredState({ database, tables: tablesOf(CONTRACT), connections: { sweep: 3 } });
}

export async function makeCustomersTables(admin: pg.Client): Promise<void> {
  const table = qualified(SCHEMA, TABLE);
  await admin.query(`
    CREATE TABLE public.victim (id int);
    CREATE FUNCTION public.everybodys() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE SCHEMA ${name(SCHEMA)};
    CREATE TABLE ${table} (id int PRIMARY KEY, region text, ${name(HOSTILE_COLUMN)} text, born date, unlisted text);
    INSERT INTO ${table} VALUES (1, 'north', 'ada@example.org', '1990-01-02', 'x'), (2, 'south', 'ada@example.org', NULL, 'x'),
      (3, 'south', NULL, NULL, NULL);
    GRANT SELECT ON ${table} TO PUBLIC;
  `);
}

export async function applyScript(admin: pg.Client, state: Desired): Promise<void> {
  await admin.query(rolesScript(state));
}
