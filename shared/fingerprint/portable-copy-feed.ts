import { type RowEnds, rowBound, writeTuple } from '../canonical/postgres/tuple.ts';
import type { CopyColumns } from './copy-feed.ts';
import { copyWriters } from './copy-writers.ts';
import type { RowBatch } from './row-batch.ts';
import { TupleFeed } from './tuple-feed.ts';

/** Row by row, by the writers of shared/canonical/postgres/. */
export class PortableCopyFeed extends TupleFeed {
  constructor(table: CopyColumns, rows: RowBatch) {
    const writers = copyWriters(table);
    const ends: RowEnds = { keyEnd: 0, end: 0 };
    super(writers.length, (source, at, bytes) => {
      rows.reserve(rowBound(bytes, writers.length));
      writeTuple(writers, table.keyColumns, source, at, rows.target, rows.at, ends);
      rows.commit(ends.keyEnd, ends.end);
    });
  }
}
