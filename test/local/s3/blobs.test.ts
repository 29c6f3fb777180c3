import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobStore, type WrittenBlob } from '../../../local/s3/blobs.ts';
import { bytes } from './support.ts';

const KEY = randomBytes(32);

let folder: string;
let store: BlobStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-blobs-'));
  store = new BlobStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function write(body: Buffer): Promise<WrittenBlob> {
  const writer = await store.create(KEY);
  await writer.write(body);
  return writer.commit();
}

const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

describe('blobs', () => {
  it('stay until their last reader is done, also those that he has not opened yet', async () => {
    const body = bytes(3_000);
    const segments = [await write(body.subarray(0, 1_000)), await write(body.subarray(1_000))];
    const one = store.read(segments, KEY, 0, 3_000);
    const two = store.read(segments, KEY, 500, 1_500);
    store.discard(segments.map((segment) => segment.file));
    expect((await buffer(one)).equals(body)).toBe(true);
    expect(files()).toBe(2);
    expect((await buffer(two)).equals(body.subarray(500, 1_500))).toBe(true);
    expect(files()).toBe(0);
  });

  it('are let go by a reader that never begins', async () => {
    const blob = await write(bytes(10));
    const stream = store.read([blob], KEY, 0, 10);
    store.discard([blob.file]);
    expect(files()).toBe(1);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
    expect(files()).toBe(0);
  });

  it('are not named before they are committed, and leave nothing when they are abandoned', async () => {
    const writer = await store.create(KEY);
    await writer.write(bytes(10));
    expect(readdirSync(join(folder, 'incoming'))).toHaveLength(1);
    await writer.abandon();
    expect(files()).toBe(0);
  });

  it('fail to be read when the disk has less than the record says, rather than ending early', async () => {
    const blob = await write(bytes(10));
    await expect(buffer(store.read([{ ...blob, size: 11 }], KEY, 0, 11))).rejects.toThrow('shorter');
  });
});
