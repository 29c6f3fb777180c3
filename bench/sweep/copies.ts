/** The target of a benchmark: a copy of the source in the same server, or in a MariaDB. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { RowDataPacket } from 'mysql2';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { DatabasePlace } from '../../functions/sweep/engines/database-place.ts';
import type { Endpoint } from '../../shared/equivalence/schema.ts';
import { startMariaDb } from '../../test/support/engines/mariadb.ts';
import { copyTable, drift } from './postgres-side.ts';
import { COLUMNS, type Drift, driftStatements } from './rows.ts';

export interface CopySide extends AsyncDisposable {
  readonly engine: 'postgres' | 'mariadb';
  readonly title: string;
  readonly url: string;
  readonly table: string;
  readonly endpoint: Endpoint;
  /** Of its server, where that is one of its own. */
  readonly serverPid: number | undefined;
  /** Makes it differ in that share of the rows. Never less than before. */
  drift(share: Drift): Promise<void>;
}

const TABLE = 'target';

export async function postgresCopy(admin: pg.Client, place: DatabasePlace, rows: number): Promise<CopySide> {
  await copyTable(admin, 'source', TABLE);
  const { user, password, host, port, database } = place;
  return {
    engine: 'postgres',
    title: 'PostgreSQL',
    // Another connection to the same database.
    url: `postgres://${user}:${password}@${host}:${port}/${database}`,
    table: TABLE,
    endpoint: { engine: 'postgres', connection: 'target', consistency: 'frozen', schema: 'public', table: TABLE },
    serverPid: undefined,
    drift: (share) => drift(admin, TABLE, rows, share),
    [Symbol.asyncDispose]: async () => {},
  };
}

export async function mariaDbCopy(admin: pg.Client, source: string, rows: number): Promise<CopySide> {
  const server = await startMariaDb([
    '--innodb-log-file-size=1G',
    '--innodb-buffer-pool-size=3G',
    '--local-infile=1',
    '--skip-log-bin',
  ]);
  const { owner } = server;
  const columns = COLUMNS.map(({ name, mariadb }) => `${name} ${mariadb} NOT NULL`);
  await owner.query(`CREATE TABLE ${TABLE} (${columns.join(', ')}, PRIMARY KEY (id)) CHARACTER SET utf8mb4`);
  await owner.query('SET unique_checks = 0, foreign_key_checks = 0');
  const printed = COLUMNS.map(({ name, type }) => {
    if (type.kind === 'boolean') return `${name}::int`;
    return type.kind === 'instant' ? `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')` : name;
  });
  const text = admin.query(copyTo(`COPY (SELECT ${printed.join(', ')} FROM ${source} ORDER BY id) TO STDOUT`));
  await owner.query({
    sql: `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${TABLE} CHARACTER SET utf8mb4`,
    infileStreamFactory: () => Readable.from(text),
  });
  await owner.query(`ANALYZE TABLE ${TABLE}`);
  const [files] = await owner.query<RowDataPacket[]>('SELECT @@pid_file AS file');
  return {
    engine: 'mariadb',
    title: 'MariaDB',
    url: `mysql://${server.user}:${encodeURIComponent(server.password)}@127.0.0.1:${server.port}/parapet`,
    table: TABLE,
    endpoint: { engine: 'mysql', connection: 'target', consistency: 'settled', schema: 'parapet', table: TABLE },
    serverPid: Number(readFileSync(String(files[0]?.file), 'utf8')),
    drift: async (share) => {
      for (const statement of driftStatements(TABLE, rows, share)) await owner.query(statement);
      await owner.query(`ANALYZE TABLE ${TABLE}`);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
