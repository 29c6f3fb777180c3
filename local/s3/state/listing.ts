/** Pages of keys and versions. Keys are compared by their UTF-8 bytes, as S3 does and as SQLite's BINARY collation does. */
import type { Store } from '../../store.ts';
import type { ObjectVersion } from './schema.ts';
import { type Upload, uploadOf } from './uploads.ts';
import { VERSION_COLUMNS, versionOf } from './versions.ts';

export interface Grouping {
  readonly prefix: string;
  /** Empty: no grouping. */
  readonly delimiter: string;
}

export type Entry<T> = { readonly item: T } | { readonly commonPrefix: string };

export interface Page<T> {
  readonly entries: readonly Entry<T>[];
  /** Whether something follows the last entry. */
  readonly truncated: boolean;
}

/** The least text that is greater than every text beginning with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  for (let point = points.pop(); point !== undefined; point = points.pop()) {
    if (point === 0x10ffff) continue;
    // UTF-8 has no surrogates: U+D7FF is followed by U+E000.
    return String.fromCodePoint(...points, point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

/** The group that a key falls into, where it does. */
export function commonPrefix(key: string, { prefix, delimiter }: Grouping): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** A place between two rows: from `key` on (`inclusive`), after all of `key`, or after its row `within`. */
interface Cursor {
  readonly key: string;
  readonly inclusive: boolean;
  /** What orders rows of one key: a version's sequence, an upload's id. */
  readonly within?: number | string;
}

interface Source<T> {
  /** Rows from a cursor on, in order; at most `limit`. */
  fetch(from: Cursor, limit: number): readonly T[];
  within(row: T): number | string;
}

const BATCH = 1_000;

/** Walks rows in order and folds those with one common prefix into one entry, skipping over them by key. */
function page<T extends { readonly key: string }>(
  source: Source<T>,
  grouping: Grouping,
  start: Cursor | undefined,
  limit: number,
): Page<T> {
  const entries: Entry<T>[] = [];
  let cursor = limit === 0 ? undefined : start;
  while (cursor) {
    const want = Math.min(BATCH, limit - entries.length + 1);
    const rows: readonly T[] = source.fetch(cursor, want);
    cursor = undefined;
    for (const row of rows) {
      if (!row.key.startsWith(grouping.prefix)) return { entries, truncated: false };
      if (entries.length === limit) return { entries, truncated: true };
      const group = commonPrefix(row.key, grouping);
      if (group === undefined) {
        entries.push({ item: row });
        continue;
      }
      entries.push({ commonPrefix: group });
      const next = afterPrefix(group);
      if (next === undefined) return { entries, truncated: false };
      cursor = { key: next, inclusive: true };
      break;
    }
    const last = rows.at(-1);
    if (!cursor && rows.length === want && last)
      cursor = { key: last.key, inclusive: false, within: source.within(last) };
  }
  return { entries, truncated: false };
}

/** The later of two cursors, by the byte order of their keys. */
function startAt(prefix: string, after: string | undefined): Cursor {
  if (after === undefined || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0) {
    return { key: prefix, inclusive: true };
  }
  return { key: after, inclusive: false };
}

/** After a key, or after a whole group when the marker names one. */
function resumeAfter(grouping: Grouping, after: string | undefined): Cursor | undefined {
  const group = after === undefined ? undefined : commonPrefix(after, grouping);
  if (after !== undefined && group === after && after.startsWith(grouping.prefix)) {
    const next = afterPrefix(after);
    return next === undefined ? undefined : { key: next, inclusive: true };
  }
  return startAt(grouping.prefix, after);
}

/** Current objects (no delete markers) after a key or a common prefix. */
export function listObjects(
  store: Store,
  bucket: string,
  grouping: Grouping,
  after: string | undefined,
  limit: number,
): Page<ObjectVersion> {
  const source: Source<ObjectVersion> = {
    fetch: (from, count) =>
      store
        .prepare(
          `SELECT ${VERSION_COLUMNS} FROM s3_versions INDEXED BY s3_versions_listed
           WHERE bucket = ? AND key ${from.inclusive ? '>=' : '>'} ? AND latest = 1 AND content IS NOT NULL
           ORDER BY key LIMIT ?`,
        )
        .all(bucket, from.key, count)
        .map(versionOf),
    within: (row) => row.sequence,
  };
  return page(source, grouping, resumeAfter(grouping, after), limit);
}

/** SQL for a cursor: `?1` is the bucket, `?2` the key, `?3` the limit, `?4` what is within the key. */
function place(from: Cursor, within: string): { readonly sql: string; readonly values: readonly (number | string)[] } {
  if (from.within === undefined) return { sql: `key ${from.inclusive ? '>=' : '>'} ?2`, values: [] };
  return { sql: `(key > ?2 OR (key = ?2 AND ${within} ?4))`, values: [from.within] };
}

/** After a whole key, from a key on (`inclusive`), or after one version (`sequence`) of a key. */
export interface VersionMarker {
  readonly key: string;
  readonly sequence?: number;
  readonly inclusive?: boolean;
}

/** Every version and delete marker, by key and then the newest first. */
export function listVersions(
  store: Store,
  bucket: string,
  grouping: Grouping,
  after: VersionMarker | undefined,
  limit: number,
): Page<ObjectVersion> {
  const source: Source<ObjectVersion> = {
    fetch: (from, count) => {
      const { sql, values } = place(from, 'sequence <');
      return store
        .prepare(
          `SELECT ${VERSION_COLUMNS} FROM s3_versions WHERE bucket = ?1 AND ${sql} ORDER BY key, sequence DESC LIMIT ?3`,
        )
        .all(bucket, from.key, count, ...values)
        .map(versionOf);
    },
    within: (row) => row.sequence,
  };
  if (after?.sequence !== undefined) {
    return page(source, grouping, { key: after.key, inclusive: false, within: after.sequence }, limit);
  }
  const start = after?.inclusive ? { key: after.key, inclusive: true } : resumeAfter(grouping, after?.key);
  return page(source, grouping, start, limit);
}

/** Open multipart uploads by key and then id, after a key or one upload of it. */
export function listUploads(
  store: Store,
  bucket: string,
  grouping: Grouping,
  after: { readonly key: string; readonly id: string } | undefined,
  limit: number,
): Page<Upload> {
  const source: Source<Upload> = {
    fetch: (from, count) => {
      const { sql, values } = place(from, 'id >');
      return store
        .prepare(
          `SELECT * FROM s3_uploads WHERE bucket = ?1 AND completed IS NULL AND ${sql} ORDER BY key, id LIMIT ?3`,
        )
        .all(bucket, from.key, count, ...values)
        .map(uploadOf);
    },
    within: (row) => row.id,
  };
  const start =
    after && after.id !== ''
      ? { key: after.key, inclusive: false, within: after.id }
      : resumeAfter(grouping, after?.key);
  return page(source, grouping, start, limit);
}
