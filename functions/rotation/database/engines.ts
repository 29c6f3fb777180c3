/** How a password is set and tried in each engine, over TLS that is verified in full (or on this machine). */
import type { Random } from '../../../shared/ports.ts';
import { Session as MysqlSession } from '../../sweep/engines/mysql/session.ts';
import { identifier } from '../../sweep/engines/postgres/quote.ts';
import { Session as PostgresSession } from '../../sweep/engines/postgres/session.ts';
import { scramVerifier } from './scram.ts';
import type { DatabaseSecret, Keeper } from './secret.ts';

export interface Databases {
  /** Lets the user in with this password, and with none of before. The same again changes nothing that anybody would notice. */
  setPassword(keeper: Keeper, user: string, password: string): Promise<void>;
  /** Throws unless its user is let in with its password, and answered. */
  logIn(at: DatabaseSecret): Promise<void>;
}

type Place = Parameters<typeof PostgresSession.connect>[0];

const placeOf = ({ host, port, dbname: database, username: user, password, ca }: Keeper): Place => ({
  host,
  port,
  database,
  user,
  password,
  authorities: ca,
});

/** @param random for the salts of verifiers */
export function databases(random: Random): Databases {
  return {
    setPassword: async (keeper, user, password) => {
      const place = placeOf(keeper);
      await (keeper.engine === 'postgres'
        ? alterRole(place, user, scramVerifier(password, random(16)))
        : alterUser(place, user, password));
    },
    logIn: async (at) => {
      if (at.engine === 'postgres') {
        await using session = closing(await PostgresSession.connect(placeOf(at)));
        await session.it.query('SELECT 1');
        return;
      }
      await using session = closing(await MysqlSession.connect(placeOf(at)));
      await session.it.rows('SELECT 1');
    },
  };
}

/** The verifier holds neither quote nor backslash, the name is quoted: ALTER ROLE takes no parameters. */
async function alterRole(place: Place, user: string, verifier: string): Promise<void> {
  await using session = closing(await PostgresSession.connect(place));
  await session.it.query(`BEGIN READ WRITE; ALTER ROLE ${identifier(user)} WITH LOGIN PASSWORD '${verifier}'; COMMIT`);
}

/**
 * MySQL and MariaDB hash it themselves, and write it to no log (MySQL's manual, section 8.1.2.3, "Passwords and Logging"). Users are
 * made for every host: from where they come is the network's matter. Both texts are letters and digits.
 */
async function alterUser(place: Place, user: string, password: string): Promise<void> {
  await using session = closing(await MysqlSession.connect(place));
  await session.it.rows('SET SESSION TRANSACTION READ WRITE');
  await session.it.rows(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}' ACCOUNT UNLOCK`);
}

function closing<Session extends { close(): Promise<void> }>(it: Session): AsyncDisposable & { readonly it: Session } {
  return { it, [Symbol.asyncDispose]: () => it.close() };
}
