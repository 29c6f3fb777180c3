import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ListedObject, ObjectHead, ObjectStore, PutOptions, StoredObject } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { Transient } from '../../shared/transient.ts';
import { calling, isNamed, serviceError, translate } from './errors.ts';

export interface ObjectStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** KMS key (ARN) of what is written; absent for a store that is only read. */
  readonly key?: string;
  /** Object Lock of what `create` writes. */
  readonly retention?: {
    readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
    readonly days: number;
    readonly now: () => number;
  };
}

const DAY_MS = 86_400_000;
/** CopyObject's own limit. */
const COPY_LIMIT_BYTES = 5 * 1024 ** 3;
/** The answer to a copy comes when it is done, and gigabytes take minutes. */
const COPY_TIMEOUT_MS = 600_000;
/** A conflict (409) means that another conditional write to the key is in flight: it is tried again until one has won. */
const CONFLICT_ATTEMPTS = 5;

/** One bucket of S3. */
export class S3ObjectStore implements ObjectStore {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #key: string | undefined;
  readonly #retention: ObjectStoreOptions['retention'];

  constructor(options: ObjectStoreOptions) {
    this.bucket = options.bucket;
    this.#client = options.client;
    this.#key = options.key;
    this.#retention = options.retention;
  }

  async head(key: string, versionId?: string): Promise<ObjectHead | undefined> {
    const found = await absentAsUndefined('HeadObject', () =>
      this.#client.send(
        new HeadObjectCommand({ Bucket: this.bucket, Key: key, VersionId: versionId, ChecksumMode: 'ENABLED' }),
      ),
    );
    if (found === undefined) return undefined;
    const whole = found.ChecksumType === 'FULL_OBJECT' || found.ChecksumType === undefined;
    const sha256 =
      whole && found.ChecksumSHA256 && !found.ChecksumSHA256.includes('-')
        ? Buffer.from(found.ChecksumSHA256, 'base64').toString('hex')
        : undefined;
    return {
      size: found.ContentLength ?? 0,
      versionId: found.VersionId ?? '',
      metadata: found.Metadata ?? {},
      contentType: found.ContentType,
      sha256,
      storedAt: found.LastModified?.getTime(),
    };
  }

  async get(
    key: string,
    options: { readonly maxBytes: number; readonly versionId?: string },
  ): Promise<StoredObject | undefined> {
    return absentAsUndefined('GetObject', async () => {
      const found = await this.#open(key, options.versionId);
      if ((found.ContentLength ?? 0) > options.maxBytes) {
        discard(found);
        throw new Problem('internal-failure', { detail: 'An object is larger than its reader allows.' });
      }
      const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
      if (bytes.byteLength !== found.ContentLength) throw new Transient('GetObject', 'interrupted');
      return { bytes, versionId: found.VersionId ?? '' };
    });
  }

  async *stream(key: string, versionId: string): AsyncIterable<Uint8Array> {
    let received = 0;
    let found: GetObjectCommandOutput | undefined;
    try {
      found = await absentAsUndefined('GetObject', () => this.#open(key, versionId));
      if (found === undefined) throw new Problem('not-found', { detail: 'The object version is gone.' });
      for await (const piece of found.Body as AsyncIterable<Uint8Array>) {
        received += piece.byteLength;
        yield piece;
      }
    } catch (error) {
      throw translate(error, 'GetObject');
    } finally {
      if (found !== undefined && received !== found.ContentLength) discard(found);
    }
    // A lost connection must not look like a short file.
    if (received !== found.ContentLength) throw new Transient('GetObject', 'interrupted');
  }

  async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<{ readonly versionId: string }> {
    const written = await calling('PutObject', () =>
      this.#client.send(new PutObjectCommand(this.#write(key, bytes, options))),
    );
    return { versionId: written.VersionId ?? '' };
  }

  async create(
    key: string,
    bytes: Uint8Array,
    options: PutOptions,
  ): Promise<{ readonly outcome: 'created'; readonly versionId: string } | { readonly outcome: 'exists' }> {
    const input = { ...this.#write(key, bytes, options), ...this.#lock(), IfNoneMatch: '*' };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const written = await this.#client.send(new PutObjectCommand(input));
        return { outcome: 'created', versionId: written.VersionId ?? '' };
      } catch (error) {
        const { name, status } = serviceError(error);
        if (name === 'PreconditionFailed' || status === 412) return { outcome: 'exists' };
        if (status !== 409) throw translate(error, 'PutObject');
        if (attempt === CONFLICT_ATTEMPTS) throw new Transient('PutObject', 'throttled');
      }
    }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    let token: string | undefined;
    do {
      const page = await calling('ListObjectsV2', () =>
        this.#client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: token })),
      );
      for (const found of page.Contents ?? []) yield { key: found.Key ?? '', size: found.Size ?? 0 };
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async copyFrom(
    source: { readonly bucket: string; readonly key: string; readonly versionId: string },
    key: string,
  ): Promise<void> {
    const name = source.key.split('/').map(encodeURIComponent).join('/');
    try {
      await this.#client.send(
        new CopyObjectCommand({
          Bucket: this.bucket,
          Key: key,
          CopySource: `${source.bucket}/${name}?versionId=${encodeURIComponent(source.versionId)}`,
          // The token lies in the metadata; it must not travel with the payload.
          MetadataDirective: 'REPLACE',
          TaggingDirective: 'REPLACE',
          ContentType: 'application/octet-stream',
          ...this.#encryption(),
        }),
        { requestTimeout: COPY_TIMEOUT_MS },
      );
    } catch (error) {
      if (isNamed(error, 'NoSuchKey', 'NoSuchVersion', 'NotFound')) throw new Problem('not-found');
      if (isNamed(error, 'InvalidRequest', 'EntityTooLarge')) {
        throw new Problem('payload-too-large', { detail: `A copy in one call ends at ${COPY_LIMIT_BYTES} bytes.` });
      }
      throw translate(error, 'CopyObject');
    }
  }

  async tag(key: string, versionId: string | undefined, tags: Readonly<Record<string, string>>): Promise<void> {
    const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await calling('PutObjectTagging', () =>
      this.#client.send(
        new PutObjectTaggingCommand({ Bucket: this.bucket, Key: key, VersionId: versionId, Tagging: { TagSet } }),
      ),
    );
  }

  async versionsOf(key: string): Promise<readonly string[]> {
    const found: string[] = [];
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (next !== undefined) {
      const input: ListObjectVersionsCommandInput = { Bucket: this.bucket, Prefix: key, ...next };
      const page = await calling('ListObjectVersions', () => this.#client.send(new ListObjectVersionsCommand(input)));
      const listed = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      for (const { Key, VersionId = '' } of listed) if (Key === key) found.push(VersionId);
      // Keys come in byte order, and the key itself before every other that begins with it.
      const more = page.IsTruncated === true && page.NextKeyMarker === key;
      next = more ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
    }
    return found;
  }

  async deleteVersion(key: string, versionId: string): Promise<void> {
    await absentAsUndefined('DeleteObject', () =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key, VersionId: versionId })),
    );
  }

  #open(key: string, versionId: string | undefined): Promise<GetObjectCommandOutput> {
    return this.#client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, VersionId: versionId }));
  }

  #write(key: string, bytes: Uint8Array, options: PutOptions) {
    return {
      Bucket: this.bucket,
      Key: key,
      Body: bytes,
      ContentType: options.contentType,
      // Named beside its value: storage other than AWS's takes a lock only of a put that names one.
      ChecksumAlgorithm: 'SHA256' as const,
      ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
      ...(options.metadata ? { Metadata: { ...options.metadata } } : {}),
      ...this.#encryption(),
    };
  }

  #encryption() {
    if (this.#key === undefined) throw new Problem('configuration-invalid', { detail: 'This store is read only.' });
    return { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: this.#key, BucketKeyEnabled: true };
  }

  #lock() {
    if (this.#retention === undefined) return {};
    const { mode, days, now } = this.#retention;
    return { ObjectLockMode: mode, ObjectLockRetainUntilDate: new Date(now() + days * DAY_MS) };
  }
}

/** Gives the connection back when a body is not read to its end. */
function discard(found: GetObjectCommandOutput): void {
  const body: unknown = found.Body;
  if (typeof body === 'object' && body !== null && 'destroy' in body && typeof body.destroy === 'function')
    body.destroy();
}

async function absentAsUndefined<Result>(operation: string, call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNamed(error, 'NoSuchKey', 'NoSuchVersion', 'NotFound')) return undefined;
    throw translate(error, operation);
  }
}
