/**
 * Where canonical rows are written: a stretch of memory that takes row after row and hashes them when it is full.
 *
 * The writer's loop is: `reserve` the most that the row can take, write it to `target` from `at` on, `commit` where its key and the row
 * itself end. Nothing is allocated on the way, and a batch's memory is bounded by its longest row.
 */
export interface RowBatch {
  /** Read it anew after every `reserve`: making room may replace it. */
  readonly target: Uint8Array;
  readonly at: number;
  /** Makes room for `bytes` from `at` on. What waited may be hashed now. */
  reserve(bytes: number): void;
  /** Takes the bytes from `at` to `end` as a row whose key ends at `keyEnd` (`at` itself: no key). */
  commit(keyEnd: number, end: number): void;
  /** Hashes what waits. */
  flush(): void;
  /** Whether a row of that key is wanted at all: a writer may ask when it has written the key, and spare itself the rest. Default: all are. */
  readonly wants?: (key: Uint8Array) => boolean;
}

/** Rows hashed at once. A batch of common rows (120 bytes) and what is computed from it fit into a second-level cache. */
export const BATCH_ROWS = 512;
/** First size of a batch's memory, in bytes; it grows to the longest row. */
export const BATCH_BYTES = 256 * 1024;
