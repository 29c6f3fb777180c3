/** Object versions: reading and changing single ones. Changes are made inside the caller's transaction. */
import type { SQLOutputValue } from 'node:sqlite';
import type { Store } from '../../store.ts';
import { nextSequence, type ObjectContent, type ObjectVersion, type Segment } from './schema.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

// Only this module writes the column.
const parseContent = (text: string): ObjectContent => JSON.parse(text);

export function versionOf(row: Row): ObjectVersion {
  return {
    sequence: Number(row.sequence),
    bucket: String(row.bucket),
    key: String(row.key),
    versionId: String(row.version),
    latest: row.latest === 1,
    modified: Number(row.modified),
    content: row.content === null ? undefined : parseContent(String(row.content)),
  };
}

export const VERSION_COLUMNS = 'sequence, bucket, key, version, latest, modified, content';

export interface NewVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** Epoch milliseconds. */
  readonly modified: number;
  /** Undefined makes a delete marker. */
  readonly content: ObjectContent | undefined;
  readonly segments: readonly Segment[];
}

export class Versions {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  private one(condition: string, ...values: readonly string[]): ObjectVersion | undefined {
    const row = this.store.prepare(`SELECT ${VERSION_COLUMNS} FROM s3_versions WHERE ${condition}`).get(...values);
    return row && versionOf(row);
  }

  /** The current version, which may be a delete marker. */
  latest(bucket: string, key: string): ObjectVersion | undefined {
    return this.one('bucket = ? AND key = ? AND latest = 1', bucket, key);
  }

  get(bucket: string, key: string, versionId: string): ObjectVersion | undefined {
    return this.one('bucket = ? AND key = ? AND version = ?', bucket, key, versionId);
  }

  /** In order of the parts. */
  segments(sequence: number): readonly Segment[] {
    return this.store
      .prepare('SELECT part, file, size, iv, checksum FROM s3_segments WHERE sequence = ? ORDER BY part')
      .all(sequence)
      .map((row) => ({
        part: Number(row.part),
        file: String(row.file),
        size: Number(row.size),
        iv: String(row.iv),
        checksum: String(row.checksum),
      }));
  }

  /** Makes a version the current one; gives its sequence. The id must be free: remove a `null` version before replacing it. */
  insert(version: NewVersion): number {
    const sequence = nextSequence(this.store);
    this.store
      .prepare('UPDATE s3_versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1')
      .run(version.bucket, version.key);
    this.store
      .prepare(`INSERT INTO s3_versions (${VERSION_COLUMNS}) VALUES (?, ?, ?, ?, 1, ?, ?)`)
      .run(
        sequence,
        version.bucket,
        version.key,
        version.versionId,
        version.modified,
        version.content ? JSON.stringify(version.content) : null,
      );
    const segment = this.store.prepare(
      'INSERT INTO s3_segments (sequence, part, file, size, iv, checksum) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (const { part, file, size, iv, checksum } of version.segments) {
      segment.run(sequence, part, file, size, iv, checksum);
    }
    return sequence;
  }

  /** Removes a version for good; the one before becomes current. Gives the files that nothing names any more. */
  remove(version: ObjectVersion): readonly string[] {
    const files = this.segments(version.sequence).map((segment) => segment.file);
    this.store.prepare('DELETE FROM s3_versions WHERE sequence = ?').run(version.sequence);
    if (version.latest) {
      this.store
        .prepare(
          `UPDATE s3_versions SET latest = 1 WHERE sequence =
             (SELECT sequence FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1)`,
        )
        .run(version.bucket, version.key);
    }
    return files;
  }

  /** Changes what may change of a version: tags, retention, legal hold. */
  update(sequence: number, content: ObjectContent): void {
    this.store.prepare('UPDATE s3_versions SET content = ? WHERE sequence = ?').run(JSON.stringify(content), sequence);
  }
}
