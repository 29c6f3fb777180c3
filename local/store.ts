/**
 * The one database of the embedded cloud: `<folder>/state.sqlite`. Every service keeps its state here, so that what
 * belongs together (an object and the event about it) commits together.
 */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export interface Store {
  /** Each service creates its own tables here, with `CREATE TABLE IF NOT EXISTS`, when it is created. */
  readonly db: DatabaseSync;
  /** Folder of this state, an absolute or relative path that exists. Services keep their files in a folder of their own below it. */
  readonly folder: string;
  /** The prepared statement of this text, prepared once. Do not suspend (`await`) inside an `iterate()` over it: it is shared. */
  prepare(sql: string): StatementSync;
  /**
   * Runs `work` in one immediate transaction; when this returns, its effects survive a SIGKILL of the process. A call inside
   * another joins it. `work` must not be asynchronous: the connection is shared, another caller would run inside it.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens (or creates) the state in `folder`. */
export function openStore(folder: string): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'state.sqlite');
  readableByOwnerAlone(file);
  const db = new DatabaseSync(file, { timeout: 5_000 });
  // In WAL mode NORMAL leaves a commit in the operating system's hands: a killed process loses nothing; only a machine
  // that loses power may lose the last commits, never its consistency (https://www.sqlite.org/pragma.html#pragma_synchronous).
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
  `);
  const statements = new Map<string, StatementSync>();

  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  const transaction = <T>(work: () => T): T => {
    if (db.isTransaction) return work();
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError('A transaction must not be asynchronous.');
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite itself rolls back on some errors (disk full); then there is nothing left to roll back.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    db,
    folder,
    prepare,
    transaction,
    close: () => {
      statements.clear();
      db.close();
    },
  };
}

/**
 * The keys of the local KMS stand in it: whoever reads it reads every object. SQLite gives the files beside it the same
 * permissions (https://www.sqlite.org/src/file/src/os_unix.c, `findCreateFileMode`).
 */
function readableByOwnerAlone(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}
