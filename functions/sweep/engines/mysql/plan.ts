/**
 * Cuts a table into ranges of its key. MySQL has no sample and often no histogram; but it can say quickly about how many rows lie in a range
 * of an index (EXPLAIN dives into the tree at both ends), and find the first key from a value on. So a range is halved by guessing a value
 * between its ends, looking for the key that is really there, and asking how many rows lie on either side.
 */
import type { Partition } from '../engine.ts';
import { type Bounds, type KeyText, toJson } from './bounds.ts';
import { orderBy, printKey, type RangeKey, rangeCondition, Variables } from './key-range.ts';
import { quoteName } from './quote.ts';
import type { Session } from './session.ts';

/** Guesses at one cut. */
const GUESSES = 12;
/** A cut that leaves less than this of a range on one side is improved, while there are guesses left. */
const BALANCED = 0.3;
/** Where no value can be guessed, the index is walked to its middle, if that is not far. */
const MAXIMUM_WALK = 200_000;

interface Range {
  /** The first key in it, and the first behind it or else the last in it. */
  readonly first: KeyText;
  readonly last: KeyText;
  readonly bounds: Bounds;
  readonly rows: number;
  readonly divisible: boolean;
}

export async function planRanges(
  session: Session,
  table: string,
  key: RangeKey,
  target: number,
): Promise<readonly Partition[]> {
  const planner = new Planner(session, table, key);
  let ranges = await planner.whole();
  while (ranges.length < target) {
    const largest = ranges.filter(({ divisible, rows }) => divisible && rows > 1).sort((a, b) => b.rows - a.rows)[0];
    if (largest === undefined) break;
    const parts = await planner.halve(largest);
    ranges = ranges.flatMap((range) => (range === largest ? parts : [range]));
  }
  return ranges.map(({ bounds, rows }) => ({ bounds: toJson(bounds), estimatedRows: rows }));
}

class Planner {
  readonly #session: Session;
  readonly #from: string;
  readonly #key: RangeKey;

  constructor(session: Session, table: string, key: RangeKey) {
    this.#session = session;
    this.#from = `FROM ${table} FORCE INDEX (${quoteName(key.index)})`;
    this.#key = key;
  }

  async whole(): Promise<readonly Range[]> {
    const bounds = { from: undefined, exclusive: false, to: undefined };
    const [first] = await this.#keys(bounds, 'ASC', 0);
    const [last] = await this.#keys(bounds, 'DESC', 0);
    const rows = await this.#rows(bounds);
    const empty: KeyText = [];
    return [{ first: first ?? empty, last: last ?? empty, bounds, rows, divisible: first !== undefined }];
  }

  /** Two ranges, or the same one, not divisible any more. */
  async halve(range: Range): Promise<readonly Range[]> {
    const cut = (await this.#guess(range)) ?? (await this.#walk(range));
    if (cut === undefined) return [{ ...range, divisible: false }];
    const { from, exclusive, to } = range.bounds;
    return [
      { first: range.first, last: cut.key, bounds: { from, exclusive, to: cut.key }, rows: cut.below, divisible: true },
      {
        first: cut.key,
        last: range.last,
        bounds: { from: cut.key, exclusive: false, to },
        rows: cut.above,
        divisible: true,
      },
    ];
  }

  async #guess({ first, last, bounds, rows }: Range): Promise<Cut | undefined> {
    let [low, high] = [first, last];
    let best: Cut | undefined;
    for (let guess = 0; guess < GUESSES; guess++) {
      const between = this.#between(low, high);
      if (between === undefined) break;
      const [found] = await this.#keys(bounds, 'ASC', 0, between);
      // Nothing from there on but the end, or nothing before: the column's order may not be the one that was guessed in.
      if (found === undefined || same(found, last)) high = between;
      else if (same(found, first)) low = between;
      if (found === undefined || same(found, last) || same(found, first)) continue;
      const cut = await this.#cut(bounds, found);
      if (best === undefined || share(cut) > share(best)) best = cut;
      if (share(best) >= BALANCED || rows < 4) break;
      if (cut.below < cut.above) low = found;
      else high = between;
    }
    return best;
  }

  /** The key in the middle, by counting. */
  async #walk({ first, bounds, rows }: Range): Promise<Cut | undefined> {
    if (rows > MAXIMUM_WALK) return undefined;
    for (const offset of [Math.floor(rows / 2), 1]) {
      const [found] = await this.#keys(bounds, 'ASC', offset);
      if (found !== undefined && !same(found, first)) return this.#cut(bounds, found);
    }
    return undefined;
  }

  /** A guess in the first column in which the two differ. */
  #between(low: KeyText, high: KeyText): KeyText | undefined {
    const index = low.findIndex((text, position) => text !== high[position]);
    const [lowText, highText, part] = [low[index], high[index], this.#key.columns[index]];
    if (lowText === undefined || highText === undefined || part === undefined) return undefined;
    const between = part.type.between(lowText, highText);
    return between === undefined ? undefined : [...low.slice(0, index), between];
  }

  async #cut({ from, exclusive, to }: Bounds, key: KeyText): Promise<Cut> {
    const below = await this.#rows({ from, exclusive, to: key });
    const above = await this.#rows({ from: key, exclusive: false, to });
    return { key, below, above };
  }

  /** The key of the row at an offset in a range, from a second bound on if there is one. */
  async #keys(bounds: Bounds, direction: 'ASC' | 'DESC', offset: number, from?: KeyText): Promise<readonly KeyText[]> {
    const variables = new Variables();
    const { sql } = rangeCondition(this.#key, bounds, variables);
    const second = from && rangeCondition(this.#key, { from, exclusive: false, to: undefined }, variables);
    await this.#session.bind(variables.values);
    const select = `SELECT ${printKey(this.#key)} ${this.#from} WHERE ${sql} AND ${second?.sql ?? 'TRUE'}`;
    const rows = await this.#session.rows(
      `${select} ORDER BY ${orderBy(this.#key, direction)} LIMIT 1 OFFSET ${offset}`,
    );
    return rows.map((row) => row.map((text) => text ?? ''));
  }

  /** What the optimizer thinks: never less than one. */
  async #rows(bounds: Bounds): Promise<number> {
    const { sql, values } = rangeCondition(this.#key, bounds);
    await this.#session.bind(values);
    const [row] = await this.#session.rows(`EXPLAIN SELECT 1 ${this.#from} WHERE ${sql}`);
    // MySQL's table has a column for partitions and one for the filtered share; MariaDB's has neither.
    const rows = row === undefined ? undefined : row[row.length > 10 ? 9 : 8];
    return Math.max(1, Number(rows ?? 1) || 1);
  }
}

interface Cut {
  readonly key: KeyText;
  readonly below: number;
  readonly above: number;
}

const share = ({ below, above }: Cut): number => Math.min(below, above) / (below + above);

const same = (one: KeyText, other: KeyText): boolean =>
  one.length === other.length && one.every((text, at) => text === other[at]);
