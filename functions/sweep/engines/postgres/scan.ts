import type { Partition, ScanStep } from '../engine.ts';
import { type Bounds, parseBounds, toJson } from './bounds.ts';
import type { Feeds } from './feed.ts';
import type { BoundQuery } from './select.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Blocks read at once: 64 MiB of blocks of eight kibibytes. Between two such stretches a scan can stop. */
const BLOCKS_PER_STEP = 8192;

/** Where sessions come from, and how to select a part. */
export interface ScanSource {
  readonly sessions: Sessions;
  select(bounds: Bounds): BoundQuery;
}

/** Reads a partition, a stretch of blocks after the other, or a range of keys at once. */
export async function* scanPartition(source: ScanSource, partition: Partition, feeds: Feeds): AsyncGenerator<ScanStep> {
  const bounds = parseBounds(partition.bounds);
  const session = await source.sessions.acquire();
  let ended = false;
  try {
    let before = 0;
    for (let next: Bounds | undefined = bounds; next !== undefined; ) {
      const { stretch, rest }: Stretch = cutStretch(next);
      await feed(session, source.select(stretch), feeds);
      const rows = feeds.rows();
      yield {
        rows: rows - before,
        rest: rest && { bounds: toJson(rest), estimatedRows: shareOf(partition, bounds, rest) },
      };
      before = rows;
      next = rest;
    }
    ended = true;
  } finally {
    // Left early, or failed: what the server is doing for it ends with the session.
    if (ended) await source.sessions.release(session);
    else await session.close();
  }
}

/** All of a query into a feed of its own. */
export async function feed(session: Session, query: BoundQuery, feeds: Feeds): Promise<void> {
  for (const [name, value] of Object.entries(query.settings)) {
    await session.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value]);
  }
  const target = feeds.next();
  await session.copy(query.sql, target);
  target.finish();
}

interface Stretch {
  readonly stretch: Bounds;
  readonly rest: Bounds | undefined;
}

function cutStretch(bounds: Bounds): Stretch {
  if (bounds.by !== 'blocks' || bounds.to - bounds.from <= BLOCKS_PER_STEP) return { stretch: bounds, rest: undefined };
  const middle = bounds.from + BLOCKS_PER_STEP;
  return { stretch: { ...bounds, to: middle, open: false }, rest: { ...bounds, from: middle } };
}

/** What is left of the rows that were estimated, by blocks. */
function shareOf({ estimatedRows }: Partition, all: Bounds, rest: Bounds): number {
  if (all.by !== 'blocks' || rest.by !== 'blocks') return 0;
  return Math.ceil((estimatedRows * (rest.to - rest.from)) / Math.max(1, all.to - all.from));
}
