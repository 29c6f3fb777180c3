import { createHash } from 'node:crypto';
import type { ListedObject, ObjectHead, ObjectStore, PutOptions, StoredObject } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

interface Version {
  readonly versionId: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Record<string, string>;
  readonly storedAt: number;
}

const COPY_LIMIT_BYTES = 5 * 1024 ** 3;

/** One bucket in memory. `peers` finds the other buckets that a copy may name; `now` is the store's own clock. */
export class MemoryObjectStore implements ObjectStore {
  readonly bucket: string;
  readonly versions = new Map<string, Version[]>();
  readonly #peers: (bucket: string) => MemoryObjectStore | undefined;
  readonly #now: () => number;
  #sequence = 0;

  constructor(
    bucket: string,
    peers: (bucket: string) => MemoryObjectStore | undefined = () => undefined,
    now: () => number = Date.now,
  ) {
    this.bucket = bucket;
    this.#peers = peers;
    this.#now = now;
  }

  async head(key: string, versionId?: string): Promise<ObjectHead | undefined> {
    const found = this.#find(key, versionId);
    if (found === undefined) return undefined;
    return {
      size: found.bytes.byteLength,
      versionId: found.versionId,
      metadata: found.metadata,
      contentType: found.contentType,
      sha256: createHash('sha256').update(found.bytes).digest('hex'),
      storedAt: found.storedAt,
    };
  }

  async get(
    key: string,
    options: { readonly maxBytes: number; readonly versionId?: string },
  ): Promise<StoredObject | undefined> {
    const found = this.#find(key, options.versionId);
    if (found === undefined) return undefined;
    if (found.bytes.byteLength > options.maxBytes) throw new Problem('internal-failure');
    return { bytes: Uint8Array.from(found.bytes), versionId: found.versionId };
  }

  async *stream(key: string, versionId: string): AsyncIterable<Uint8Array> {
    const found = this.#find(key, versionId);
    if (found === undefined) throw new Problem('not-found');
    for (let start = 0; start < found.bytes.byteLength; start += 64 * 1024) {
      yield Buffer.from(found.bytes.subarray(start, start + 64 * 1024));
    }
  }

  async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<{ readonly versionId: string }> {
    return { versionId: this.#add(key, bytes, options).versionId };
  }

  async create(
    key: string,
    bytes: Uint8Array,
    options: PutOptions,
  ): Promise<{ readonly outcome: 'created'; readonly versionId: string } | { readonly outcome: 'exists' }> {
    if (this.#find(key, undefined) !== undefined) return { outcome: 'exists' };
    return { outcome: 'created', versionId: this.#add(key, bytes, options).versionId };
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    const keys = [...this.versions.keys()].filter((key) => key.startsWith(prefix)).sort();
    for (const key of keys) {
      const found = this.#find(key, undefined);
      if (found !== undefined) yield { key, size: found.bytes.byteLength };
    }
  }

  async copyFrom(
    source: { readonly bucket: string; readonly key: string; readonly versionId: string },
    key: string,
  ): Promise<void> {
    const peer = this.#peers(source.bucket);
    const found = peer === undefined ? undefined : peer.#find(source.key, source.versionId);
    if (found === undefined) throw new Problem('not-found');
    if (found.bytes.byteLength > COPY_LIMIT_BYTES) throw new Problem('payload-too-large');
    this.#add(key, found.bytes, { contentType: 'application/octet-stream' });
  }

  async tag(key: string, versionId: string | undefined, tags: Readonly<Record<string, string>>): Promise<void> {
    const found = this.#find(key, versionId);
    if (found === undefined) throw new Problem('not-found');
    Object.assign(found.tags, tags);
  }

  async versionsOf(key: string): Promise<readonly string[]> {
    return (this.versions.get(key) ?? []).map(({ versionId }) => versionId);
  }

  async deleteVersion(key: string, versionId: string): Promise<void> {
    const left = (this.versions.get(key) ?? []).filter((version) => version.versionId !== versionId);
    if (left.length === 0) this.versions.delete(key);
    else this.versions.set(key, left);
  }

  /** For assertions: the current text of an object. */
  text(key: string): string {
    const found = this.#find(key, undefined);
    if (found === undefined) throw new Error(`no object ${key}`);
    return Buffer.from(found.bytes).toString('utf8');
  }

  keys(prefix = ''): string[] {
    return [...this.versions.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  #find(key: string, versionId: string | undefined): Version | undefined {
    const versions = this.versions.get(key) ?? [];
    return versionId === undefined ? versions.at(-1) : versions.find((version) => version.versionId === versionId);
  }

  #add(key: string, bytes: Uint8Array, options: PutOptions): Version {
    this.#sequence += 1;
    const version = {
      versionId: `v${this.#sequence.toString().padStart(6, '0')}`,
      bytes: Uint8Array.from(bytes),
      contentType: options.contentType,
      metadata: { ...options.metadata },
      tags: {},
      // Last-Modified is an HTTP date: whole seconds.
      storedAt: Math.floor(this.#now() / 1_000) * 1_000,
    };
    this.versions.set(key, [...(this.versions.get(key) ?? []), version]);
    return version;
  }
}
