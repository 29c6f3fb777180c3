import type { RowBatch } from '../../../../shared/fingerprint/row-batch.ts';
import type { FoundRow } from '../engine.ts';
import { KeptRows, keySet } from '../kept-rows.ts';
import { ServerProblem } from './errors.ts';
import type { Feeds } from './feed.ts';
import { feed } from './scan.ts';
import type { BoundQuery } from './select.ts';
import type { Session } from './session.ts';

/** Keys looked up at once. */
const KEYS_PER_QUERY = 1000;
/** SQLSTATE class 22: a value that a type does not have. */
const DATA_EXCEPTION = '22';

/** How to ask for rows by their keys, each key a list of texts. */
export interface KeySource {
  texts(key: Uint8Array): readonly string[] | undefined;
  select(keys: readonly (readonly string[])[]): BoundQuery;
  feeds(rows: RowBatch): Feeds;
}

/** The rows of the keys. `session` is inside a transaction. */
export async function lookupRows(
  session: Session,
  source: KeySource,
  keys: readonly Uint8Array[],
): Promise<readonly FoundRow[]> {
  const texts = keys.flatMap((key) => {
    const values = source.texts(key);
    return values === undefined ? [] : [values];
  });
  // Equal in PostgreSQL may be more than equal under the contract: by a collation, or by the padding of a char(n).
  const wanted = keySet(keys);
  const found: FoundRow[] = [];
  for (let from = 0; from < texts.length; from += KEYS_PER_QUERY) {
    found.push(...(await lookupSome(session, source, texts.slice(from, from + KEYS_PER_QUERY), wanted)));
  }
  return found;
}

/** A key of the other side may be a value that this side's type does not have: halving finds it, and no row has it. */
async function lookupSome(
  session: Session,
  source: KeySource,
  keys: readonly (readonly string[])[],
  wanted: (key: Uint8Array) => boolean,
): Promise<readonly FoundRow[]> {
  const kept = new KeptRows(wanted);
  await session.query('SAVEPOINT lookup');
  try {
    await feed(session, source.select(keys), source.feeds(kept));
    await session.query('RELEASE SAVEPOINT lookup');
    return kept.rows;
  } catch (error) {
    if (!(error instanceof ServerProblem) || !error.state.startsWith(DATA_EXCEPTION)) throw error;
  }
  await session.query('ROLLBACK TO SAVEPOINT lookup; RELEASE SAVEPOINT lookup');
  if (keys.length === 1) return [];
  const middle = Math.ceil(keys.length / 2);
  return [
    ...(await lookupSome(session, source, keys.slice(0, middle), wanted)),
    ...(await lookupSome(session, source, keys.slice(middle), wanted)),
  ];
}
