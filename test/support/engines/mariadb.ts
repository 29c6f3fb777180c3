/** A MariaDB of its own, in a temporary folder and on a free port, for as long as the tests of one file take. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql, { type Connection } from 'mysql2/promise';

const FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  ...(process.env.PATH ?? '').split(':'),
];

function find(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

const server = find('mariadbd');
const installer = find('mariadb-install-db');

/** Why there is no MariaDB to test with; undefined when there is one. */
export const mariaDbMissing: string | undefined =
  server !== undefined && installer !== undefined
    ? undefined
    : 'MariaDB is not installed (mariadbd, mariadb-install-db): its tests are skipped. On Debian: apt-get install mariadb-server';

export interface MariaDb extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** As the owner of everything, with the session settings of a careless client. */
  readonly owner: Connection;
}

export async function startMariaDb(options: readonly string[] = []): Promise<MariaDb> {
  if (server === undefined || installer === undefined) throw new Error(mariaDbMissing);
  const folder = await mkdtemp(join(tmpdir(), 'parapet-mariadb-'));
  const data = join(folder, 'data');
  const account = userInfo().username;
  await promisify(execFile)(installer, [
    '--no-defaults',
    `--datadir=${data}`,
    `--user=${account}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--innodb-log-file-size=8M',
  ]);
  const port = await freePort();
  const process = spawn(
    server,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--user=${account}`,
      `--port=${port}`,
      `--socket=${join(folder, 'socket')}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-log-file-size=8M',
      '--innodb-buffer-pool-size=64M',
      '--innodb-flush-log-at-trx-commit=0',
      // What a session gets that does not say what it wants.
      '--character-set-server=latin1',
      '--default-time-zone=+05:30',
      ...options,
    ],
    { stdio: 'ignore' },
  );
  try {
    const owner = await connected(process, port);
    await owner.query(
      "SET NAMES utf8mb4; SET SESSION sql_mode = '', time_zone = '+00:00'; CREATE DATABASE parapet; USE parapet",
    );
    await owner.query("CREATE USER reader@'%' IDENTIFIED BY 'reads only'; GRANT SELECT ON *.* TO reader@'%'");
    return {
      port,
      user: 'reader',
      password: 'reads only',
      owner,
      [Symbol.asyncDispose]: async () => {
        await owner.end();
        await ended(process);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await ended(process);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise<void>((resolve) => listener.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function connected(process: ChildProcess, port: number): Promise<Connection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await mysql.createConnection({ host: '127.0.0.1', port, user: 'root', multipleStatements: true });
    } catch (error) {
      if (attempt === 200 || process.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  const exit = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  process.kill('SIGTERM');
  await exit;
}
