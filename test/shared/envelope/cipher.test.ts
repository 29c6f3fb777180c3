import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decrypt, encrypt, zeroise } from '../../../shared/envelope/cipher.ts';
import { Problem } from '../../../shared/problem.ts';
import { countedRandom } from './fixtures.ts';

const key = new Uint8Array(32).fill(1);
const invalid = expect.objectContaining({ code: 'ciphertext-invalid' });

function failure(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('AES-256-GCM', () => {
  it('[P10] opens what it closed, text or bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (plaintext, context) => {
        const sealed = encrypt(key, context, plaintext, (size) => randomBytes(size));
        expect(new Uint8Array(decrypt(key, context, sealed))).toEqual(plaintext);
      }),
    );
    expect(decrypt(key, 'c', encrypt(key, 'c', 'Zoë 😀', countedRandom())).toString()).toBe('Zoë 😀');
  });

  it('opens the first vector with data of the GCM specification (test case 14, all-zero key, IV and block)', () => {
    const sealed = Buffer.concat([
      Buffer.alloc(12),
      Buffer.from('cea7403d4d606b6e074ec5d3baf39d18', 'hex'),
      Buffer.from('d0d1c8a799996bf0265b98b5d48ab919', 'hex'),
    ]);
    expect(decrypt(new Uint8Array(32), '', sealed.toString('base64url'))).toEqual(Buffer.alloc(16));
  });

  it('never uses an IV twice', () => {
    const random = countedRandom();
    const ivs = Array.from({ length: 100 }, () => encrypt(key, '', 'same', random).slice(0, 16));
    expect(new Set(ivs).size).toBe(100);
  });

  it('[P10] refuses every single flipped bit', () => {
    const sealed = Buffer.from(encrypt(key, 'context', 'value', countedRandom()), 'base64url');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const tampered = Buffer.from(sealed);
      tampered.writeUInt8(tampered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(failure(() => decrypt(key, 'context', tampered.toString('base64url')))).toEqual(invalid);
    }
  });

  it('refuses every truncation', () => {
    const sealed = encrypt(key, 'context', 'value', countedRandom());
    for (let length = 0; length < sealed.length; length++) {
      expect(failure(() => decrypt(key, 'context', sealed.slice(0, length)))).toEqual(invalid);
    }
  });

  it('refuses another key and another context, and does not say which it was', () => {
    const sealed = encrypt(key, 'context', 'value', countedRandom());
    const wrongKey = failure(() => decrypt(new Uint8Array(32).fill(2), 'context', sealed));
    const wrongContext = failure(() => decrypt(key, 'contexu', sealed));
    expect(wrongKey).toBeInstanceOf(Problem);
    expect(wrongKey).toEqual(invalid);
    expect(String(wrongContext)).toBe(String(wrongKey));
  });

  it('reads base64url in its one spelling', () => {
    const sealed = encrypt(key, 'context', 'value', countedRandom());
    for (const text of [`${sealed}=`, `${sealed}A`, ` ${sealed}`, `${sealed}\n`, sealed.replace(/.$/, 'é')]) {
      expect(failure(() => decrypt(key, 'context', text))).toEqual(invalid);
    }
  });

  it('[B14] wipes', () => {
    const buffers = [new Uint8Array([1, 2]), Buffer.from('secret')];
    zeroise(...buffers);
    expect(buffers.map((buffer) => [...buffer].every((byte) => byte === 0))).toEqual([true, true]);
  });
});
