/** Multipart uploads under way. Changes are made inside the caller's transaction. */

import type { Store } from '../../store.ts';
import type { Algorithm, ChecksumType } from '../checksum/algorithms.ts';
import type { ObjectDescription, Segment } from './schema.ts';
import type { Row } from './versions.ts';

export interface UploadDocument extends ObjectDescription {
  readonly algorithm: Algorithm;
  readonly type: ChecksumType;
  /** Whether the creator chose the algorithm; a part must then come with it. */
  readonly chosen: boolean;
  /** Condition keys of the creation that hold for every part: the SSE headers. */
  readonly conditions: Readonly<Record<string, string>>;
}

/** How a completed upload was answered, to answer a repetition alike. */
export interface Completion {
  readonly versionId: string;
  readonly etag: string;
  /** The parts it was completed with: `<number>:<etag>`, … */
  readonly parts: string;
}

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly initiated: number;
  readonly document: UploadDocument;
  readonly completed: Completion | undefined;
}

export interface UploadedPart extends Segment {
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modified: number;
}

// Only this module writes the columns.
const parseDocument = (text: string): UploadDocument => JSON.parse(text);
const parseCompletion = (text: string): Completion => JSON.parse(text);

export const uploadOf = (row: Row): Upload => ({
  id: String(row.id),
  bucket: String(row.bucket),
  key: String(row.key),
  initiated: Number(row.initiated),
  document: parseDocument(String(row.document)),
  completed: row.completed === null ? undefined : parseCompletion(String(row.completed)),
});

const partOf = (row: Row): UploadedPart => ({
  part: Number(row.part),
  file: String(row.file),
  size: Number(row.size),
  iv: String(row.iv),
  checksum: String(row.checksum),
  etag: String(row.etag),
  modified: Number(row.modified),
});

export class Uploads {
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  create(upload: Omit<Upload, 'completed'>): void {
    this.store
      .prepare('INSERT INTO s3_uploads (id, bucket, key, initiated, document) VALUES (?, ?, ?, ?, ?)')
      .run(upload.id, upload.bucket, upload.key, upload.initiated, JSON.stringify(upload.document));
  }

  /** Also one that has been completed. */
  get(bucket: string, key: string, id: string): Upload | undefined {
    const row = this.store
      .prepare('SELECT * FROM s3_uploads WHERE id = ? AND bucket = ? AND key = ?')
      .get(id, bucket, key);
    return row && uploadOf(row);
  }

  /** Open uploads begun before a moment (epoch milliseconds). */
  begunBefore(bucket: string, moment: number): readonly Upload[] {
    return this.store
      .prepare('SELECT * FROM s3_uploads WHERE bucket = ? AND completed IS NULL AND initiated < ?')
      .all(bucket, moment)
      .map(uploadOf);
  }

  /** Parts after number `after`, in order. */
  parts(id: string, after = 0, limit = -1): readonly UploadedPart[] {
    return this.store
      .prepare('SELECT * FROM s3_parts WHERE upload = ? AND part > ? ORDER BY part LIMIT ?')
      .all(id, after, limit)
      .map(partOf);
  }

  /** Adds a part or replaces the one of that number; gives the file that it replaced. */
  putPart(id: string, part: UploadedPart): string | undefined {
    const old = this.store.prepare('SELECT file FROM s3_parts WHERE upload = ? AND part = ?').get(id, part.part);
    this.store
      .prepare(
        'INSERT OR REPLACE INTO s3_parts (upload, part, file, size, iv, checksum, etag, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, part.part, part.file, part.size, part.iv, part.checksum, part.etag, part.modified);
    return old ? String(old.file) : undefined;
  }

  /** Closes the upload; its parts are the object's segments from now on, or nobody's. */
  complete(id: string, completion: Completion): void {
    this.store.prepare('DELETE FROM s3_parts WHERE upload = ?').run(id);
    this.store.prepare('UPDATE s3_uploads SET completed = ? WHERE id = ?').run(JSON.stringify(completion), id);
  }

  /** Forgets the upload; gives the files of its parts. */
  abort(id: string): readonly string[] {
    const files = this.parts(id).map((part) => part.file);
    this.store.prepare('DELETE FROM s3_uploads WHERE id = ?').run(id);
    return files;
  }
}
