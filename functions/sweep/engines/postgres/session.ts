import pg from 'pg';
import type { CopyFeed } from '../../../../shared/fingerprint/copy-feed.ts';
import { isLoopback } from '../../../../shared/loopback.ts';
import type { DatabasePlace } from '../database-place.ts';
import { copyOut } from './copy-out.ts';
import { endpointProblem } from './errors.ts';

/**
 * What a session begins with. Reading is all that it can do; nothing is found by a search path; and what is printed (bounds and keys, never
 * compared values, which come in binary) is printed in one form only.
 */
const SETTINGS = [
  'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
  "SET search_path = ''",
  // A policy that hides rows from this role becomes an error: what is not shown cannot be compared (PostgreSQL's manual, section 5.9).
  'SET row_security = off',
  "SET datestyle = 'ISO, YMD'",
  "SET timezone = 'UTC'",
  "SET bytea_output = 'hex'",
  'SET extra_float_digits = 1',
  'SET statement_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
].join('; ');

const CONNECT_TIMEOUT_MS = 10_000;

/** One connection. Everything that it throws is a Problem. */
export class Session {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async connect(place: DatabasePlace): Promise<Session> {
    const client = new pg.Client({
      host: place.host,
      port: place.port,
      database: place.database,
      user: place.user,
      password: place.password,
      application_name: 'parapet',
      client_encoding: 'UTF8',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      // `verify-full`: the chain and the name on the certificate, unless nothing leaves the machine. The version whatever the platform's is.
      ssl: isLoopback(place.host) ? false : { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...caOf(place) },
    });
    // A connection that breaks while nobody waits for it says so here; the next use fails, and is reported.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(SETTINGS);
    } catch (error) {
      await client.end().catch(() => {});
      throw endpointProblem(error);
    }
    return new Session(client);
  }

  /** Rows as lists of texts; `null` is NULL. Several statements may stand in `sql` only when nothing is bound. */
  async query(
    sql: string,
    values: readonly (string | number)[] = [],
  ): Promise<readonly (readonly (string | null)[])[]> {
    try {
      const answer = await this.#client.query<(string | null)[]>({
        text: sql,
        values: [...values],
        rowMode: 'array',
        types: { getTypeParser: () => (text: string) => text },
      });
      return answer.rows ?? [];
    } catch (error) {
      throw endpointProblem(error);
    }
  }

  /** The data of `COPY (query) TO STDOUT` in binary format, all of them. What the feed throws ends the connection. */
  copy(query: string, feed: Pick<CopyFeed, 'pushMessages'>): Promise<void> {
    return copyOut(this.#client, `COPY (${query}) TO STDOUT (FORMAT binary)`, feed);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}

function caOf({ authorities }: DatabasePlace): { readonly ca?: string } {
  return authorities === undefined ? {} : { ca: authorities };
}
