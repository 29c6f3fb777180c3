/** The ledger in a PostgreSQL, as contracts/ledger.v1.json has it: the table, its reader, and its rows from the reference data. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { DatabasePlace } from '../../functions/sweep/engines/database-place.ts';
import type { ReferenceLedger } from '../../shared/contract/reference.ts';

const TABLE = `CREATE TABLE ledger (
  kind text NOT NULL, id text NOT NULL, name text, grantor text, organization text, ein text,
  first_fiscal_year integer, last_fiscal_year integer, PRIMARY KEY (kind, id)
)`;
const INSERT = 'INSERT INTO ledger VALUES ($1, $2, $3, $4, $5, $6, $7, $8)';

export interface LedgerDatabase {
  /** Who may read, and nothing else: what the sweep's secret holds. */
  readonly reader: DatabasePlace;
  query(sql: string, values?: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** `place` is a superuser's. */
export async function loadLedger(place: DatabasePlace, ledger: ReferenceLedger): Promise<LedgerDatabase> {
  const client = new pg.Client({ ...place });
  client.on('error', () => {});
  await client.connect();
  const password = randomBytes(16).toString('hex');
  await client.query(TABLE);
  // No text of anybody's: hexadecimal digits. CREATE ROLE takes no parameters.
  await client.query(`CREATE ROLE parapet_sweep LOGIN PASSWORD '${password}'`);
  await client.query('GRANT SELECT ON ledger TO parapet_sweep');
  for (const { id, name } of ledger.grantors) {
    await client.query(INSERT, ['grantor', id, name, null, null, null, null, null]);
  }
  for (const { id, grantor, organization, ein, firstFiscalYear, lastFiscalYear } of ledger.grants) {
    await client.query(INSERT, ['grant', id, null, grantor, organization, ein, firstFiscalYear, lastFiscalYear]);
  }
  await client.query('ANALYZE ledger');
  return {
    reader: { ...place, user: 'parapet_sweep', password },
    query: async (sql, values = []) => {
      await client.query(sql, [...values]);
    },
    close: () => client.end(),
  };
}
