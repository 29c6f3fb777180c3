import { isIP } from 'node:net';
import mysql, { type Connection } from 'mysql2';
import { isLoopback } from '../../../../shared/loopback.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { DatabasePlace } from '../database-place.ts';
import { endpointProblem } from './errors.ts';
import { readRaw, readValue, type TakeRow } from './raw-rows.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * What a session begins with. Reading is all that it can do. Texts come in utf8mb4, in which every text has its own bytes; instants in UTC;
 * zero dates and days like 30 February as they are stored; and what cannot be cast is an error.
 */
const SETTINGS = [
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  "SET SESSION time_zone = '+00:00'",
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,ERROR_FOR_DIVISION_BY_ZERO'",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'SET SESSION TRANSACTION READ ONLY',
  // A server may be told to end every answer after so many rows, and says nothing about it.
  'SET SESSION sql_select_limit = 18446744073709551615',
  // Seconds that the server waits for a reader that hashes.
  'SET SESSION net_write_timeout = 600',
];

/** One connection. Everything that it throws is a Problem. */
export class Session {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async connect(place: DatabasePlace): Promise<Session> {
    // mysql2 3.x verifies the certificate of an address against the name `localhost`.
    if (isIP(place.host) !== 0 && !isLoopback(place.host)) {
      throw new Problem('tls-required', {
        detail: 'MySQL is reached by a name: of an address no certificate is verified.',
      });
    }
    const connection = mysql.createConnection({
      host: place.host,
      port: place.port,
      user: place.user,
      password: place.password,
      charset: 'UTF8MB4_BIN',
      connectTimeout: CONNECT_TIMEOUT_MS,
      // The driver compiles a parser from the names of columns otherwise.
      disableEval: true,
      // The chain and the name on the certificate are verified, unless nothing leaves the machine.
      ...(isLoopback(place.host)
        ? {}
        : { ssl: { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2', ...authorities(place) } }),
    });
    // A connection that breaks while nobody waits for it says so here; the next use fails, and is reported.
    connection.on('error', () => {});
    const session = new Session(connection);
    try {
      await new Promise<void>((resolve, reject) =>
        connection.connect((error) => (error ? reject(endpointProblem(error)) : resolve())),
      );
      for (const setting of SETTINGS) await session.rows(setting);
    } catch (error) {
      connection.destroy();
      throw endpointProblem(error);
    }
    return session;
  }

  /** The rows of a statement of constant text, as texts; `null` is NULL. */
  async rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const rows: (string | null)[][] = [];
    await this.raw(sql, (bytes, start, end) => rows.push(texts(bytes, start, end)));
    return rows;
  }

  /** The rows of a statement as the bytes that the server sent. */
  raw(sql: string, take: TakeRow): Promise<void> {
    return readRaw(this.#connection, sql, take);
  }

  /**
   * Puts values into the session's variables `@p0`, `@p1` …: a statement that uses them has no value in its text, and its answer comes in the
   * text protocol all the same. Byte strings are given in hexadecimal.
   */
  async bind(values: readonly BoundValue[]): Promise<void> {
    if (values.length === 0) return;
    const assignments = values.map(({ hex }, index) => `@p${index} = ${hex === undefined ? '?' : 'UNHEX(?)'}`);
    const parameters = values.map(({ text, hex }) => hex ?? text ?? null);
    await new Promise<void>((resolve, reject) =>
      this.#connection.execute(`SET ${assignments.join(', ')}`, parameters, (error) =>
        error ? reject(endpointProblem(error)) : resolve(),
      ),
    );
  }

  /** Holds the flow of rows back, after the row in hand. */
  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  /** Ends the connection at once, whatever it is doing. */
  destroy(): void {
    this.#connection.destroy();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#connection.end(() => resolve()));
  }
}

/** One of the two. */
export interface BoundValue {
  readonly text?: string;
  readonly hex?: string;
}

function authorities({ authorities: ca }: DatabasePlace): { readonly ca?: string } {
  return ca === undefined ? {} : { ca };
}

function texts(bytes: Uint8Array, start: number, end: number): (string | null)[] {
  const values: (string | null)[] = [];
  const span = { start: 0, end: 0 };
  for (let at = start; at < end; ) {
    at = readValue(bytes, at, span);
    values.push(span.start < 0 ? null : Buffer.from(bytes.subarray(span.start, span.end)).toString('utf8'));
  }
  return values;
}
