import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ObjectStore } from '../../shared/ports.ts';

export interface ObjectStores {
  readonly store: ObjectStore;
  /** Another bucket, from which `store` may copy. */
  readonly source: ObjectStore;
  /** A prefix that no other case uses. */
  readonly prefix: string;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const TEXT = { contentType: 'text/plain' };
const ENOUGH = { maxBytes: 1_000_000 };

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What every ObjectStore promises. */
export function objectStoreCases(open: () => Promise<ObjectStores>): void {
  it('gives back what was put, by key and by version', async () => {
    const { store, prefix } = await open();
    const first = await store.put(`${prefix}a`, bytes('one'), TEXT);
    const second = await store.put(`${prefix}a`, bytes('two'), TEXT);
    expect(second.versionId).not.toBe(first.versionId);
    expect(await store.get(`${prefix}a`, ENOUGH)).toEqual({ bytes: expect.anything(), versionId: second.versionId });
    const old = await store.get(`${prefix}a`, { ...ENOUGH, versionId: first.versionId });
    expect(Buffer.from(old?.bytes ?? []).toString()).toBe('one');
  });

  it('knows no object that nobody put', async () => {
    const { store, prefix } = await open();
    expect(await store.head(`${prefix}none`)).toBeUndefined();
    expect(await store.get(`${prefix}none`, ENOUGH)).toBeUndefined();
    await expect(collect(store.stream(`${prefix}none`, 'none'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('tells size, digest, metadata and content type without the body', async () => {
    const { store, prefix } = await open();
    const body = bytes('{"a":1}');
    await store.put(`${prefix}h`, body, { contentType: 'application/json', metadata: { 'submission-token': 'abc' } });
    expect(await store.head(`${prefix}h`)).toMatchObject({
      size: body.byteLength,
      contentType: 'application/json',
      metadata: { 'submission-token': 'abc' },
      sha256: createHash('sha256').update(body).digest('hex'),
    });
  });

  it('[B01] tells when a version was put, in whole seconds, whatever was put since', async () => {
    const { store, prefix } = await open();
    const { versionId } = await store.put(`${prefix}w`, bytes('first'), { contentType: 'text/plain' });
    const { storedAt = 0 } = (await store.head(`${prefix}w`)) ?? {};
    expect(storedAt % 1_000).toBe(0);
    // The store's own clock, which is not the test's.
    expect(storedAt).toBeGreaterThan(Date.UTC(2026, 0));
    await store.put(`${prefix}w`, bytes('second'), { contentType: 'text/plain' });
    expect((await store.head(`${prefix}w`, versionId))?.storedAt).toBe(storedAt);
  });

  it('refuses to hold more in memory than the reader allows', async () => {
    const { store, prefix } = await open();
    await store.put(`${prefix}big`, bytes('x'.repeat(100)), TEXT);
    await expect(store.get(`${prefix}big`, { maxBytes: 99 })).rejects.toMatchObject({ code: 'internal-failure' });
  });

  it('streams one version, whole and in order', async () => {
    const { store, prefix } = await open();
    const body = Buffer.alloc(300_000, 'abcdefghij');
    const { versionId } = await store.put(`${prefix}s`, body, TEXT);
    await store.put(`${prefix}s`, bytes('newer'), TEXT);
    expect(Buffer.concat(await collect(store.stream(`${prefix}s`, versionId))).equals(body)).toBe(true);
  });

  it('may be left before the end of a stream', async () => {
    const { store, prefix } = await open();
    const { versionId } = await store.put(`${prefix}s2`, Buffer.alloc(3_000_000, 'x'), TEXT);
    for await (const piece of store.stream(`${prefix}s2`, versionId)) {
      expect(piece.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(await store.head(`${prefix}s2`)).toMatchObject({ size: 3_000_000 });
  });

  it('[B05] creates once: the first writer wins, and the second learns that it did not', async () => {
    const { store, prefix } = await open();
    expect(await store.create(`${prefix}c`, bytes('first'), TEXT)).toMatchObject({ outcome: 'created' });
    expect(await store.create(`${prefix}c`, bytes('second'), TEXT)).toEqual({ outcome: 'exists' });
    const found = await store.get(`${prefix}c`, ENOUGH);
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe('first');
  });

  it('lets exactly one of many simultaneous creations win', async () => {
    const { store, prefix } = await open();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.create(`${prefix}race`, bytes(`writer ${index}`), TEXT)),
    );
    expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
  });

  it('lists what lies under a prefix, in the byte order of keys, and nothing beside it', async () => {
    const { store, prefix } = await open();
    for (const name of ['list/b', 'list/a', 'list/a/c', 'lisu', 'list/Z'])
      await store.put(`${prefix}${name}`, bytes('1'), TEXT);
    expect((await collect(store.list(`${prefix}list/`))).map(({ key }) => key.slice(prefix.length))).toEqual([
      'list/Z',
      'list/a',
      'list/a/c',
      'list/b',
    ]);
  });

  it('[B01] copies a version from another bucket without its metadata', async () => {
    const { store, source, prefix } = await open();
    const name = `${prefix}von Ä/+ &=?.csv`;
    const { versionId } = await source.put(name, bytes('payload'), {
      contentType: 'text/csv',
      metadata: { 'submission-token': 'secret' },
    });
    await source.put(name, bytes('newer'), TEXT);
    await store.copyFrom({ bucket: source.bucket, key: name, versionId }, `${prefix}copy`);
    const copied = await store.get(`${prefix}copy`, ENOUGH);
    expect(Buffer.from(copied?.bytes ?? []).toString()).toBe('payload');
    expect((await store.head(`${prefix}copy`))?.metadata).toEqual({});
  });

  it('says so when there is nothing to copy', async () => {
    const { store, source, prefix } = await open();
    const { versionId } = await source.put(`${prefix}x`, bytes('1'), TEXT);
    await expect(
      store.copyFrom({ bucket: source.bucket, key: `${prefix}y`, versionId }, `${prefix}z`),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('deletes exactly one version, and does not mind doing it twice', async () => {
    const { source, prefix } = await open();
    const first = await source.put(`${prefix}d`, bytes('one'), TEXT);
    const second = await source.put(`${prefix}d`, bytes('two'), TEXT);
    await source.deleteVersion(`${prefix}d`, first.versionId);
    await source.deleteVersion(`${prefix}d`, first.versionId);
    expect(await source.head(`${prefix}d`, first.versionId)).toBeUndefined();
    expect(await source.head(`${prefix}d`)).toMatchObject({ versionId: second.versionId });
  });

  it('finds every version of one key, and of no other that begins with it', async () => {
    const { source, prefix } = await open();
    const puts = ['one', 'two', 'three'].map((text) => source.put(`${prefix}v`, bytes(text), TEXT));
    const made = (await Promise.all(puts)).map(({ versionId }) => versionId);
    await source.put(`${prefix}v/other`, bytes('1'), TEXT);
    expect([...(await source.versionsOf(`${prefix}v`))].toSorted()).toEqual(made.toSorted());
    expect(await source.versionsOf(`${prefix}none`)).toEqual([]);
  });

  it('tags a version, and does not mind doing it twice', async () => {
    const { source, prefix } = await open();
    const { versionId } = await source.put(`${prefix}t`, bytes('one'), TEXT);
    await source.tag(`${prefix}t`, versionId, { 'parapet-outcome': 'refused' });
    await expect(source.tag(`${prefix}t`, versionId, { 'parapet-outcome': 'refused' })).resolves.toBeUndefined();
    await expect(source.tag(`${prefix}t`, undefined, { 'parapet-outcome': 'known' })).resolves.toBeUndefined();
  });
}
