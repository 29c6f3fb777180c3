import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { Problem } from '../../shared/problem.ts';
import { Transient } from '../../shared/transient.ts';
import type { ByteSource, FileVersion } from '../sweep/engines/files/byte-source.ts';
import { calling, isNamed, serviceError, translate } from './errors.ts';

/** Objects asked for their version at once. */
const CONCURRENCY = 16;
/** S3's id of the one version that an object in a bucket without versions has: it tells nothing. */
const NO_VERSION = 'null';
const BY_TAG = 'etag:';

/** The objects under a prefix, each read in the version that it had when it was listed. */
export class S3ByteSource implements ByteSource {
  readonly identity: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.identity = `s3://${bucket}/${prefix}`;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async list(): Promise<readonly FileVersion[]> {
    const names = await this.#names();
    const files: FileVersion[] = [];
    for (let from = 0; from < names.length; from += CONCURRENCY) {
      files.push(...(await Promise.all(names.slice(from, from + CONCURRENCY).map((name) => this.#version(name)))));
    }
    return files;
  }

  async #names(): Promise<readonly string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await calling('ListObjectsV2', () =>
        this.#client.send(
          new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#prefix, ContinuationToken: token }),
        ),
      );
      names.push(...(page.Contents ?? []).flatMap(({ Key, Size }) => (Key !== undefined && Size ? [Key] : [])));
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return names;
  }

  async #version(name: string): Promise<FileVersion> {
    const head = await this.#pinned('HeadObject', () =>
      this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: name })),
    );
    const isVersioned = head.VersionId !== undefined && head.VersionId !== NO_VERSION;
    const version = isVersioned ? head.VersionId : `${BY_TAG}${head.ETag ?? ''}`;
    return { name, bytes: head.ContentLength ?? 0, version: version ?? '' };
  }

  async *read({ name, version }: FileVersion, start: number, end: number): AsyncGenerator<Uint8Array> {
    if (start >= end) return;
    const which = version.startsWith(BY_TAG) ? { IfMatch: version.slice(BY_TAG.length) } : { VersionId: version };
    const found = await this.#pinned('GetObject', () =>
      this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: name, Range: `bytes=${start}-${end - 1}`, ...which }),
      ),
    );
    let received = 0;
    try {
      for await (const piece of found.Body as AsyncIterable<Uint8Array>) {
        received += piece.byteLength;
        yield piece;
      }
    } catch (error) {
      throw translate(error, 'GetObject');
    }
    // A lost connection must not look like a short file.
    if (received !== end - start) throw new Transient('GetObject', 'interrupted');
  }

  async #pinned<Result>(operation: string, call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      if (
        isNamed(error, 'NoSuchKey', 'NoSuchVersion', 'NotFound', 'PreconditionFailed') ||
        serviceError(error).status === 412
      ) {
        throw new Problem('snapshot-gone', { detail: 'A file is gone, or has another content.' });
      }
      throw translate(error, operation);
    }
  }
}
