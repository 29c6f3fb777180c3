import * as z from 'zod/mini';
import type { EndpointOf } from '../../../../shared/equivalence/schema.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { DatabasePlace } from '../database-place.ts';
import type { Engine, OpenOptions, Snapshot } from '../engine.ts';
import { demandColumns } from '../schema-check.ts';
import { readCatalog, schemaOf } from './catalog.ts';
import { ServerProblem } from './errors.ts';
import { PostgresReader } from './reader.ts';
import { Session } from './session.ts';
import { Sessions } from './sessions.ts';

/** What `pg_export_snapshot` gives; it stands in a statement that takes no parameter. */
const SnapshotId = z.string().check(z.regex(/^[0-9A-F]+-[0-9A-F]+-\d+$/));
const Share = z.strictObject({ snapshot: SnapshotId });

const FROZEN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const SETTLED = 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY';
const UNKNOWN = 'unknown';
/** A range of keys is read through the key's index: without one, every range would read the whole table. */
const PREFER_INDEXES = 'SET LOCAL enable_seqscan = off';

/**
 * A table, view or materialized view of PostgreSQL, Aurora included. Connections: one that holds the snapshot of a frozen side as long as the
 * engine is open, and one for each scan or look-up under way.
 */
export async function openPostgres(
  endpoint: EndpointOf<'postgres'>,
  place: DatabasePlace,
  options: OpenOptions = {},
): Promise<Engine> {
  const session = await Session.connect(place);
  try {
    await demandUnicode(session);
    return new PostgresEngine(endpoint, place, session, parseShare(options.share));
  } catch (error) {
    await session.close();
    throw error;
  }
}

class PostgresEngine implements Engine {
  readonly #endpoint: EndpointOf<'postgres'>;
  readonly #place: DatabasePlace;
  readonly #session: Session;
  readonly #sessions = new Sessions(
    () => Session.connect(this.#place),
    (session) => this.#begin(session),
  );
  /** Of the state that all sessions read; undefined as long as each reads its own. */
  #snapshot: string | undefined;

  constructor(endpoint: EndpointOf<'postgres'>, place: DatabasePlace, session: Session, snapshot: string | undefined) {
    this.#endpoint = endpoint;
    this.#place = place;
    this.#session = session;
    this.#snapshot = snapshot;
  }

  /**
   * The server, by when it started, to the microsecond; the database; the table. Nothing in it depends on the way there or on the reader's
   * rights: the number that initdb gave the cluster (`pg_control_system`) and the server's address are kept out, because a reader who may not
   * ask for the one, or comes by the other way, would make one place look like two. Two servers that started in the same microsecond and
   * number both alike are taken for one, which is refused. A primary and its replica are two places, also where Aurora gives them one volume.
   */
  async identity(): Promise<string> {
    const { oid } = await readCatalog(this.#session, this.#endpoint);
    const [row] = await this.#session.query(`
      SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text,
        (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())::text`);
    return `postgres:${[...(row ?? []), oid].join(':')}`;
  }

  async schema(): ReturnType<Engine['schema']> {
    return schemaOf(await readCatalog(this.#session, this.#endpoint));
  }

  async snapshot(): Promise<Snapshot> {
    // Asked before the transaction begins: an error within it would end it, and the snapshot with it.
    const position = await this.#position();
    if (this.#endpoint.consistency === 'settled') return { consistency: 'settled', position, share: undefined };
    if (this.#snapshot === undefined) {
      await this.#session.query(FROZEN);
      const [row] = await this.#session.query('SELECT pg_catalog.pg_export_snapshot()');
      this.#snapshot = SnapshotId.parse(row?.[0]);
    }
    return { consistency: 'frozen', position, share: { snapshot: this.#snapshot } };
  }

  async read(...[relation, masks]: Parameters<Engine['read']>): ReturnType<Engine['read']> {
    const catalog = await readCatalog(this.#session, this.#endpoint);
    demandColumns(relation, schemaOf(catalog));
    const [row] = await this.#session.query("SELECT pg_catalog.current_setting('server_version_num')");
    return new PostgresReader(
      {
        name: this.#endpoint,
        catalog,
        frozen: this.#snapshot !== undefined,
        rangesOfBlocks: Number(row?.[0]) >= 140_000,
        sessions: this.#sessions,
      },
      relation,
      masks,
    );
  }

  async close(): Promise<void> {
    await this.#sessions.close();
    await this.#session.close();
  }

  /**
   * Where the write-ahead log stands, shortly before the reading; on a standby, how far it has been replayed. It is told to people, and decides
   * nothing: `unknown` where the server refuses to say, as Aurora does while its `wal_level` is `replica`, and on its readers.
   */
  async #position(): Promise<string> {
    try {
      const [row] = await this.#session.query(`
        SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
          ELSE pg_catalog.pg_current_wal_lsn() END::text`);
      return row?.[0] ?? UNKNOWN;
    } catch (error) {
      if (error instanceof ServerProblem) return UNKNOWN;
      throw error;
    }
  }

  async #begin(session: Session): Promise<void> {
    await session.query(this.#snapshot === undefined ? SETTLED : FROZEN);
    if (this.#snapshot !== undefined) await importSnapshot(session, this.#snapshot);
    await session.query(PREFER_INDEXES);
  }
}

async function importSnapshot(session: Session, snapshot: string): Promise<void> {
  try {
    await session.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
  } catch (error) {
    // The exporting session is gone, and with it the state (22023, or 42704 when the file of the snapshot is not there).
    if (error instanceof ServerProblem && ['22023', '42704', '55000'].includes(error.state)) {
      throw new Problem('snapshot-gone', { detail: 'The session that held it has ended.' });
    }
    throw error;
  }
}

function parseShare(share: OpenOptions['share']): string | undefined {
  if (share === undefined) return undefined;
  const parsed = Share.safeParse(share);
  if (!parsed.success) throw new Problem('evidence-invalid', { detail: 'The snapshot is not one of PostgreSQL.' });
  return parsed.data.snapshot;
}

/** Texts come as UTF-8, converted from whatever encoding the database has; SQL_ASCII is none, and nothing is known of its bytes. */
async function demandUnicode(session: Session): Promise<void> {
  const [row] = await session.query("SELECT pg_catalog.current_setting('server_encoding')");
  if (row?.[0] === 'SQL_ASCII') {
    throw new Problem('configuration-invalid', { detail: 'The database has no encoding: SQL_ASCII.' });
  }
}
