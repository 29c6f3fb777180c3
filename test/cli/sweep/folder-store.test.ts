import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderStore, removeFolder } from '../../../cli/sweep/folder-store.ts';
import { random } from '../../../cli/sweep/local-keys.ts';

let folder: string;
const key = random(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (found: Uint8Array | undefined): string | undefined => found && Buffer.from(found).toString();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('[S08] the store of a sweep on this machine', () => {
  it('keeps the first of two attempts, also when they come at once', async () => {
    const store = folderStore(folder, key);
    const other = folderStore(folder, key);
    const outcomes = await Promise.all([store.create('a/b', bytes('one')), other.create('a/b', bytes('two'))]);
    expect(outcomes.toSorted()).toEqual([false, true]);
    expect(textOf(await store.read('a/b'))).toBe(outcomes[0] ? 'one' : 'two');
    expect(await store.create('a/b', bytes('three'))).toBe(false);
    expect(await store.read('a/c')).toBeUndefined();
  });

  it('leaves nothing behind but encrypted objects under their names', async () => {
    const store = folderStore(folder, key);
    await store.create('manifest', bytes('canary'));
    await store.create('manifest', bytes('canary'));
    expect(readdirSync(folder)).toEqual(['manifest']);
    expect(readFileSync(join(folder, 'manifest')).includes('canary')).toBe(false);
    await removeFolder(folder);
    expect(await store.read('manifest')).toBeUndefined();
  });

  it('reads nothing that was changed, moved to another name, or written under another key', async () => {
    const store = folderStore(folder, key);
    await store.create('one', bytes('one'));
    await store.create('two', bytes('two'));
    await expect(folderStore(folder, random(32)).read('one')).rejects.toMatchObject({ code: 'ciphertext-invalid' });
    renameSync(join(folder, 'two'), join(folder, 'one'));
    await expect(store.read('one')).rejects.toMatchObject({ code: 'ciphertext-invalid' });
    writeFileSync(join(folder, 'one'), 'short');
    await expect(store.read('one')).rejects.toMatchObject({ code: 'ciphertext-invalid' });
  });
});
