import type pg from 'pg';
import { COLUMNS, type Drift, driftStatements, KEY_STEP } from './rows.ts';

/** A bulk load needs no checkpoint in the middle of it. */
export async function prepare(admin: pg.Client): Promise<void> {
  await admin.query("ALTER SYSTEM SET max_wal_size = '16GB'");
  await admin.query("ALTER SYSTEM SET checkpoint_timeout = '1h'");
  await admin.query("ALTER SYSTEM SET maintenance_work_mem = '512MB'");
  await admin.query("ALTER SYSTEM SET autovacuum = 'off'");
  await admin.query('SELECT pg_reload_conf()');
}

export async function loadSource(admin: pg.Client, table: string, rows: number): Promise<void> {
  await admin.query(`CREATE UNLOGGED TABLE ${table} (${COLUMNS.map(({ name, postgres }) => `${name} ${postgres}`).join(', ')});
    INSERT INTO ${table} SELECT i * ${KEY_STEP}, i % 100000, 'customer-' || lpad(to_hex(i), 8, '0'),
      'Strasse der Republik ' || i % 1000, (i % 99999999) / 100.0, '2024-01-01'::timestamptz + i * interval '1.000003 s',
      i % 2 = 0, i * 1.1, gen_random_uuid()
    FROM generate_series(1, ${rows}::bigint) i`);
  await finish(admin, table);
}

export async function copyTable(admin: pg.Client, source: string, table: string): Promise<void> {
  await admin.query(`CREATE UNLOGGED TABLE ${table} AS SELECT * FROM ${source}`);
  await finish(admin, table);
}

async function finish(admin: pg.Client, table: string): Promise<void> {
  await admin.query(`ALTER TABLE ${table} ADD PRIMARY KEY (id)`);
  await admin.query(`VACUUM ANALYZE ${table}`);
}

export async function drift(admin: pg.Client, table: string, rows: number, share: Drift): Promise<void> {
  for (const statement of driftStatements(table, rows, share)) await admin.query(statement);
  await admin.query(`VACUUM ANALYZE ${table}`);
}

/** Rows of a table that the server has read for anybody so far, by scans and by indexes. */
export async function rowsRead(admin: pg.Client, table: string): Promise<number> {
  const { rows } = await admin.query<{ read: string }>(
    'SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_user_tables WHERE relname = $1',
    [table],
  );
  return Number(rows[0]?.read ?? Number.NaN);
}
