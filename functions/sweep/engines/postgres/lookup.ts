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
  const wanted = keys.flatMap((key): WantedKey[] => {
    const texts = source.texts(key);
    return texts === undefined ? [] : [{ key, texts }];
  });
  const found: FoundRow[] = [];
  for (let from = 0; from < wanted.length; from += KEYS_PER_QUERY) {
    found.push(...(await lookupSome(session, source, wanted.slice(from, from + KEYS_PER_QUERY))));
  }
  return found;
}

interface WantedKey {
  readonly key: Uint8Array;
  readonly texts: readonly string[];
}

/** A key of the other side may be a value that this side's type does not have: halving finds it, and no row has it. */
async function lookupSome(
  session: Session,
  source: KeySource,
  keys: readonly WantedKey[],
): Promise<readonly FoundRow[]> {
  // Equal in PostgreSQL may be more than equal under the contract: by a collation, by the padding of a char(n), by rounding to a scale. A
  // query may so find the row of a key that another query asks for: each keeps its own.
  const kept = new KeptRows(keySet(keys.map(({ key }) => key)));
  await session.query('SAVEPOINT lookup');
  try {
    await feed(session, source.select(keys.map(({ texts }) => texts)), source.feeds(kept));
    await session.query('RELEASE SAVEPOINT lookup');
    return kept.rows;
  } catch (error) {
    if (!(error instanceof ServerProblem) || !error.state.startsWith(DATA_EXCEPTION)) throw error;
  }
  await session.query('ROLLBACK TO SAVEPOINT lookup; RELEASE SAVEPOINT lookup');
  if (keys.length === 1) return [];
  const middle = Math.ceil(keys.length / 2);
  return [
    ...(await lookupSome(session, source, keys.slice(0, middle))),
    ...(await lookupSome(session, source, keys.slice(middle))),
  ];
}
