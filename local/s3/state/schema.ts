/** Tables of the object storage, and what one row means. */

import type { Store } from '../../store.ts';
import type { Checksum } from '../checksum/algorithms.ts';

/** How an object's bytes are encrypted on disk; `wrapped` is its data key, wrapped by KMS or by the service's own key. */
export interface EncryptionRecord {
  readonly algorithm: 'aws:kms' | 'AES256';
  /** ARN, for `aws:kms`. */
  readonly keyArn?: string;
  readonly bucketKey: boolean;
  readonly context: Readonly<Record<string, string>>;
  /** Base64. */
  readonly wrapped: string;
}

export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Epoch milliseconds. */
  readonly until: number;
}

/** What the creator of an object says about it; a multipart upload says it at its start. */
export interface ObjectDescription {
  /** `content-type`, `cache-control`, … as given. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata: names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly encryption: EncryptionRecord;
  readonly retention?: Retention;
  readonly legalHold: boolean;
}

export interface ObjectContent extends ObjectDescription {
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum: Checksum;
  /** How many parts a multipart upload had. */
  readonly parts?: number;
}

export interface ObjectVersion {
  /** Order of creation over all buckets. */
  readonly sequence: number;
  readonly bucket: string;
  readonly key: string;
  /** `null` (the text) for what was written while the bucket kept no versions. */
  readonly versionId: string;
  readonly latest: boolean;
  /** Epoch milliseconds, whole seconds. */
  readonly modified: number;
  /** Undefined: a delete marker. */
  readonly content: ObjectContent | undefined;
}

/** A run of encrypted bytes in a file of its own. */
export interface Blob {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Base64; the counter block at the file's first byte. */
  readonly iv: string;
}

/** A blob as part of an object; `part` is its number in the multipart upload, or 1. */
export interface Segment extends Blob {
  readonly part: number;
  /** Base64, in the object's algorithm. */
  readonly checksum: string;
}

export function createTables(store: Store): void {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS s3_sequencer (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
    INSERT OR IGNORE INTO s3_sequencer VALUES (1, 0);

    CREATE TABLE IF NOT EXISTS s3_buckets (name TEXT PRIMARY KEY, created INTEGER NOT NULL) WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS s3_versions (
      sequence INTEGER PRIMARY KEY,
      bucket TEXT NOT NULL,
      key TEXT NOT NULL,
      version TEXT NOT NULL,
      latest INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      content TEXT
    );
    CREATE UNIQUE INDEX IF NOT EXISTS s3_versions_id ON s3_versions (bucket, key, version);
    CREATE INDEX IF NOT EXISTS s3_versions_order ON s3_versions (bucket, key, sequence DESC);
    CREATE UNIQUE INDEX IF NOT EXISTS s3_versions_latest ON s3_versions (bucket, key) WHERE latest = 1;
    CREATE UNIQUE INDEX IF NOT EXISTS s3_versions_listed ON s3_versions (bucket, key) WHERE latest = 1 AND content IS NOT NULL;

    CREATE TABLE IF NOT EXISTS s3_segments (
      sequence INTEGER NOT NULL REFERENCES s3_versions ON DELETE CASCADE,
      part INTEGER NOT NULL,
      file TEXT NOT NULL,
      size INTEGER NOT NULL,
      iv TEXT NOT NULL,
      checksum TEXT NOT NULL,
      PRIMARY KEY (sequence, part)
    ) WITHOUT ROWID;

    CREATE INDEX IF NOT EXISTS s3_segments_file ON s3_segments (file);

    CREATE TABLE IF NOT EXISTS s3_uploads (
      id TEXT PRIMARY KEY,
      bucket TEXT NOT NULL,
      key TEXT NOT NULL,
      initiated INTEGER NOT NULL,
      document TEXT NOT NULL,
      completed TEXT
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS s3_uploads_open ON s3_uploads (bucket, key, id) WHERE completed IS NULL;

    CREATE TABLE IF NOT EXISTS s3_parts (
      upload TEXT NOT NULL REFERENCES s3_uploads ON DELETE CASCADE,
      part INTEGER NOT NULL,
      file TEXT NOT NULL,
      size INTEGER NOT NULL,
      iv TEXT NOT NULL,
      checksum TEXT NOT NULL,
      etag TEXT NOT NULL,
      modified INTEGER NOT NULL,
      PRIMARY KEY (upload, part)
    ) WITHOUT ROWID;

    CREATE INDEX IF NOT EXISTS s3_parts_file ON s3_parts (file);

    CREATE TABLE IF NOT EXISTS s3_service_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL);
  `);
}

/** The next number of the storage's one sequence; call it inside a transaction. */
export function nextSequence(store: Store): number {
  const row = store.prepare('UPDATE s3_sequencer SET value = value + 1 RETURNING value').get();
  return Number(row?.value);
}
