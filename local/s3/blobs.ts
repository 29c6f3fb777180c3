/**
 * Encrypted bytes in files. A file is written under `incoming/`, made durable, and renamed into `blobs/`; it counts only
 * once a transaction names it. Whatever a crash leaves that no transaction names is swept away at the next start.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Blob } from './state/schema.ts';

const CIPHER = 'aes-256-ctr';
const BLOCK = 16;
const READ_SIZE = 256 * 1024;

export interface WrittenBlob extends Blob {
  /** MD5 over IV and ciphertext: names the bytes without telling anything about the plaintext. */
  readonly cipherMd5: Buffer;
}

/** Bytes `start` to `end` (exclusive) of one segment. */
interface Slice {
  readonly blob: Blob;
  readonly start: number;
  readonly end: number;
}

/** The counter block of the AES block that holds byte `offset`. */
function counterAt(iv: Buffer, offset: number): Buffer {
  const counter = Buffer.from(iv);
  const value = (BigInt(`0x${iv.toString('hex')}`) + BigInt(Math.floor(offset / BLOCK))) & ((1n << 128n) - 1n);
  counter.write(value.toString(16).padStart(32, '0'), 'hex');
  return counter;
}

function slicesOf(segments: readonly Blob[], start: number, end: number): readonly Slice[] {
  const slices: Slice[] = [];
  let offset = 0;
  for (const blob of segments) {
    const from = Math.max(0, start - offset);
    const to = Math.min(blob.size, end - offset);
    if (from < to) slices.push({ blob, start: from, end: to });
    offset += blob.size;
  }
  return slices;
}

export class BlobWriter {
  private readonly handle: FileHandle;
  private readonly temporary: string;
  private readonly target: string;
  private readonly name: string;
  private readonly iv: Buffer;
  private readonly cipher;
  private readonly md5;
  private size = 0;

  constructor(handle: FileHandle, paths: { temporary: string; target: string; name: string }, key: Buffer) {
    this.handle = handle;
    this.temporary = paths.temporary;
    this.target = paths.target;
    this.name = paths.name;
    // 96 random bits, then a counter from 0: enough for 64 GiB under one IV, and a part has at most 5.
    this.iv = Buffer.concat([randomBytes(12), Buffer.alloc(4)]);
    this.cipher = createCipheriv(CIPHER, key, this.iv);
    this.md5 = createHash('md5').update(this.iv);
  }

  async write(piece: Uint8Array): Promise<void> {
    const encrypted = this.cipher.update(piece);
    this.md5.update(encrypted);
    this.size += encrypted.length;
    for (let done = 0; done < encrypted.length; ) {
      const { bytesWritten } = await this.handle.write(encrypted, done);
      done += bytesWritten;
    }
  }

  /** When this resolves, the file is durable and has its final name; name it in a transaction, or discard it. */
  async commit(): Promise<WrittenBlob> {
    await this.handle.sync();
    await this.handle.close();
    await rename(this.temporary, this.target);
    return { file: this.name, size: this.size, iv: this.iv.toString('base64'), cipherMd5: this.md5.digest() };
  }

  async abandon(): Promise<void> {
    await this.handle.close();
    await rm(this.temporary, { force: true });
  }
}

export class BlobStore {
  private readonly incoming: string;
  private readonly settled: string;
  /** How many readers each file has; a discarded file goes when its last reader has. */
  private readonly readers = new Map<string, number>();
  private readonly doomed = new Set<string>();

  constructor(folder: string) {
    this.incoming = join(folder, 'incoming');
    this.settled = join(folder, 'blobs');
    mkdirSync(this.incoming, { recursive: true });
    mkdirSync(this.settled, { recursive: true });
  }

  private path(file: string): string {
    return join(this.settled, file.slice(0, 2), file);
  }

  async create(key: Buffer): Promise<BlobWriter> {
    const name = randomBytes(16).toString('hex');
    const temporary = join(this.incoming, name);
    mkdirSync(join(this.settled, name.slice(0, 2)), { recursive: true });
    return new BlobWriter(await open(temporary, 'wx', 0o600), { temporary, target: this.path(name), name }, key);
  }

  /** Bytes `start` to `end` (exclusive) over all segments, decrypted. The files stay until the stream is closed. */
  read(segments: readonly Blob[], key: Buffer, start: number, end: number): Readable {
    const slices = slicesOf(segments, start, end);
    const files = slices.map((slice) => slice.blob.file);
    for (const file of files) this.readers.set(file, (this.readers.get(file) ?? 0) + 1);
    const stream = Readable.from(this.decrypt(slices, key), { objectMode: false });
    stream.once('close', () => this.release(files));
    return stream;
  }

  private async *decrypt(slices: readonly Slice[], key: Buffer): AsyncGenerator<Buffer> {
    for (const { blob, start, end } of slices) {
      const decipher = createDecipheriv(CIPHER, key, counterAt(Buffer.from(blob.iv, 'base64'), start));
      // A range may begin inside a block: its keystream up to there is used up on nothing.
      decipher.update(Buffer.alloc(start % BLOCK));
      const handle = await open(this.path(blob.file), 'r');
      try {
        for (let position = start; position < end; ) {
          const buffer = Buffer.allocUnsafe(Math.min(READ_SIZE, end - position));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
          if (bytesRead === 0) throw new Error('A stored object is shorter than its record says.');
          position += bytesRead;
          yield decipher.update(buffer.subarray(0, bytesRead));
        }
      } finally {
        await handle.close();
      }
    }
  }

  private release(files: readonly string[]): void {
    for (const file of files) {
      const left = (this.readers.get(file) ?? 1) - 1;
      if (left > 0) {
        this.readers.set(file, left);
        continue;
      }
      this.readers.delete(file);
      if (this.doomed.delete(file)) rmSync(this.path(file), { force: true });
    }
  }

  /** Deletes files that no record names any more; call it after the transaction. A crash before it is what `sweep` is for. */
  discard(files: readonly string[]): void {
    for (const file of files) {
      if (this.readers.has(file)) this.doomed.add(file);
      else rmSync(this.path(file), { force: true });
    }
  }

  /** At start: deletes what an interrupted process left. `named` tells whether a record names a file. */
  sweep(named: (file: string) => boolean): number {
    let swept = 0;
    for (const file of readdirSync(this.incoming)) {
      rmSync(join(this.incoming, file), { force: true });
      swept += 1;
    }
    for (const shelf of readdirSync(this.settled)) {
      for (const file of readdirSync(join(this.settled, shelf))) {
        if (named(file)) continue;
        rmSync(join(this.settled, shelf, file), { force: true });
        swept += 1;
      }
    }
    return swept;
  }
}
