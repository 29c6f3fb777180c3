import { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import type { PostgresColumn } from '../../../../shared/canonical/postgres/program.ts';
import { int32 } from '../../../../shared/canonical/postgres/read.ts';
import type { CopyFeed } from '../../../../shared/fingerprint/copy-feed.ts';
import { createCopyFeed } from '../../../../shared/fingerprint/create-copy-feed.ts';
import type { RowBatch } from '../../../../shared/fingerprint/row-batch.ts';
import { TupleFeed } from '../../../../shared/fingerprint/tuple-feed.ts';
import type { ColumnCounts } from '../engine.ts';
import { RowWriter } from '../row-writer.ts';
import type { SlotPlan } from '../slots.ts';

/** How the tuples of one scan become rows: what is fed by one COPY after the other, and counts over all of them. */
export interface Feeds {
  next(): CopyFeed;
  /** Rows that went into the batch. */
  rows(): number;
  counts(): readonly ColumnCounts[];
}

/** Without filters every tuple is a row, and the kernel may write it. */
export function plainFeeds(columns: readonly PostgresColumn[], keyColumns: number, batch: RowBatch): Feeds {
  const notes = columns.map(({ name }) => new ColumnNotes(name));
  let feed: CopyFeed | undefined;
  return {
    next: () => {
      feed?.restart();
      feed ??= createCopyFeed({ columns, keyColumns, notes }, batch);
      return feed;
    },
    rows: () => feed?.rows ?? 0,
    counts: () => notes.map(({ column, counts }) => ({ column, changed: { ...counts, absent: 0 } })),
  };
}

/** With filters, whose columns come first in a tuple: each is looked at before the row is written. */
export function filteredFeeds(plan: SlotPlan, batch: RowBatch): Feeds {
  const row = new RowWriter(plan, batch);
  let rows = 0;
  const take = (source: Uint8Array, start: number, bytes: number): void => {
    let at = start;
    row.begin(bytes);
    for (let slot = 0; slot < plan.natives.length && !row.dropped; slot++) {
      const length = int32(source, at);
      at += 4;
      if (length < 0) row.null();
      else row.value(source, at, at + length);
      at += Math.max(length, 0);
    }
    if (row.end()) rows += 1;
  };
  return {
    next: () => new TupleFeed(plan.natives.length, take),
    rows: () => rows,
    counts: () => row.counts(),
  };
}
