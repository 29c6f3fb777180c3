import { expect, it } from 'vitest';
import type { CredentialStore, IdempotencyStore, KeyService, Signer, SubjectKeyStore } from '../../shared/ports.ts';

/** Every opener gives a store and a name that no other case uses. */
export type Opened<Store> = () => Promise<{ readonly store: Store; readonly name: string }>;

export function credentialStoreCases(open: Opened<CredentialStore>): void {
  const window = { now: 1_000, expiresAt: 2_000 };

  it('[B01] binds a credential to the run that used it first', async () => {
    const { store, name } = await open();
    expect(await store.claim(name, 'one', window)).toBe(true);
    expect(await store.claim(name, 'one', window)).toBe(true);
    expect(await store.claim(name, 'two', window)).toBe(false);
  });

  it('judges the expiry itself, as the table deletes days later', async () => {
    const { store, name } = await open();
    await store.claim(name, 'one', window);
    expect(await store.claim(name, 'two', { now: 1_999, expiresAt: 3_000 })).toBe(false);
    expect(await store.claim(name, 'two', { now: 2_000, expiresAt: 3_000 })).toBe(true);
  });
}

export function idempotencyStoreCases(open: Opened<IdempotencyStore>): void {
  const one = { holder: 'a'.repeat(32), payload: '1'.repeat(64) };
  const two = { holder: 'b'.repeat(32), payload: '2'.repeat(64) };

  it('[B07] gives a key to the first run, and tells every other who holds it', async () => {
    const { store, name } = await open();
    expect(await store.claim(name, one, { now: 1_000, expiresAt: 2_000 })).toEqual(one);
    expect(await store.claim(name, two, { now: 1_500, expiresAt: 2_500 })).toEqual(one);
    expect(await store.claim(name, one, { now: 1_500, expiresAt: 2_500 })).toEqual(one);
  });

  it('[B07] lets the window end when it was to end, retries or not', async () => {
    const { store, name } = await open();
    await store.claim(name, one, { now: 1_000, expiresAt: 2_000 });
    await store.claim(name, one, { now: 1_900, expiresAt: 2_900 });
    expect(await store.claim(name, two, { now: 2_000, expiresAt: 3_000 })).toEqual(two);
  });
}

export function subjectKeyStoreCases(open: Opened<SubjectKeyStore>): void {
  it('[B18] keeps one wrapped key per subject and chunk, in batches beyond any one call', async () => {
    const { store, name } = await open();
    const keys = Array.from({ length: 230 }, (_, index) => ({ subject: `${name}${index}`, wrappedKey: `key${index}` }));
    await store.put(`${name}/0`, keys);
    await store.put(`${name}/0`, keys);
    const found = await store.get(
      `${name}/0`,
      keys.map(({ subject }) => subject),
    );
    expect(found.size).toBe(230);
    expect(found.get(`${name}229`)).toBe('key229');
  });

  it('misses what it does not have, and says nothing of another chunk', async () => {
    const { store, name } = await open();
    await store.put(`${name}/0`, [{ subject: `${name}a`, wrappedKey: 'k' }]);
    expect([...(await store.get(`${name}/1`, [`${name}a`]))]).toEqual([]);
    expect([...(await store.get(`${name}/0`, [`${name}b`, `${name}a`]))]).toEqual([[`${name}a`, 'k']]);
    expect([...(await store.get(`${name}/0`, []))]).toEqual([]);
  });
}

export function keyServiceCases(open: Opened<KeyService>): void {
  it('makes keys of 32 bytes, each another, and opens them again', async () => {
    const { store, name } = await open();
    const first = await store.generate({ run: name });
    const second = await store.generate({ run: name });
    expect(first.plaintext).toHaveLength(32);
    expect(Buffer.from(first.plaintext).equals(second.plaintext)).toBe(false);
    expect(Buffer.from(await store.open(first.wrapped, { run: name })).equals(first.plaintext)).toBe(true);
  });

  it('opens nothing under another context, nor what has been altered', async () => {
    const { store, name } = await open();
    const { wrapped } = await store.generate({ run: name });
    await expect(store.open(wrapped, { run: `${name}x` })).rejects.toMatchObject({ code: 'ciphertext-invalid' });
    const altered = Uint8Array.from(wrapped);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    await expect(store.open(altered, { run: name })).rejects.toMatchObject({ code: 'ciphertext-invalid' });
  });
}

export function signerCases(open: Opened<Signer>): void {
  it('[B16] signs by Ed25519 what its public key verifies', async () => {
    const { createPublicKey, verify } = await import('node:crypto');
    const { store } = await open();
    const message = Buffer.from('parapet\n1\nroot\n');
    const key = createPublicKey({ key: Buffer.from(await store.publicKey()), format: 'der', type: 'spki' });
    const signature = await store.sign(message);
    expect(signature).toHaveLength(64);
    expect(verify(null, message, key, signature)).toBe(true);
    expect(verify(null, Buffer.from('other'), key, signature)).toBe(false);
  });
}
