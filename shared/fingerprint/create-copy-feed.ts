import type { CopyColumns, CopyFeed } from './copy-feed.ts';
import { KernelBatch } from './kernel-batch.ts';
import { KernelCopyFeed } from './kernel-copy-feed.ts';
import { PortableCopyFeed } from './portable-copy-feed.ts';
import type { RowBatch } from './row-batch.ts';

/** In the kernel when the rows are; both give the same rows. Throws when the contract's types do not fit the engine's. */
export function createCopyFeed(table: CopyColumns, rows: RowBatch): CopyFeed {
  return rows instanceof KernelBatch ? new KernelCopyFeed(table, rows) : new PortableCopyFeed(table, rows);
}
