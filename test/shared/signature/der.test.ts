import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derToRaw, rawToDer } from '../../../shared/signature/der.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

describe('ECDSA signature forms', () => {
  it('turns what the library signs in DER into what it verifies as r ‖ s, and back', () => {
    for (let round = 0; round < 200; round++) {
      const message = Buffer.from(`message ${round}`);
      const der = sign('sha256', message, { key: privateKey, dsaEncoding: 'der' });
      const raw = derToRaw(der);
      expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
      expect(Buffer.from(rawToDer(raw))).toEqual(der);
    }
  });

  it('keeps every pair of numbers', () => {
    // Leading zeros and a high first bit are where the two forms differ most.
    const scalar = fc
      .tuple(fc.nat(32), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, bytes]) => bytes.map((byte, index) => (index < zeros ? 0 : byte)));
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const raw = new Uint8Array([...r, ...s]);
        expect(derToRaw(rawToDer(raw))).toEqual(raw);
      }),
    );
  });

  it('pads short numbers and drops the zero of high ones', () => {
    const raw = derToRaw(hex('30 08 02 01 01 02 03 00 80 02'));
    expect([...raw.subarray(30)]).toEqual([0, 1, ...new Array(30).fill(0), 0x80, 2]);
  });

  it.each([
    ['nothing', ''],
    ['another tag', '31 06 02 01 01 02 01 01'],
    ['a length too long', '30 07 02 01 01 02 01 01'],
    ['a length too short', '30 05 02 01 01 02 01 01'],
    ['a length in two bytes', '30 81 06 02 01 01 02 01 01'],
    ['bytes after the sequence', '30 06 02 01 01 02 01 01 00'],
    ['a third integer', '30 09 02 01 01 02 01 01 02 01 01'],
    ['one integer', '30 03 02 01 01'],
    ['an integer of no bytes', '30 05 02 00 02 01 01'],
    ['an integer past the end', '30 06 02 01 01 02 02 01'],
    ['a negative number', '30 06 02 01 80 02 01 01'],
    ['a needless zero', '30 07 02 02 00 01 02 01 01'],
    ['a number of 33 bytes', `30 26 02 21 01 ${'00'.repeat(32)} 02 01 01`],
    ['another type within', '30 06 04 01 01 02 01 01'],
  ])('refuses %s', (_what, der) => {
    expect(() => derToRaw(hex(der))).toThrow(RangeError);
  });

  it('refuses r ‖ s of another length', () => {
    expect(() => rawToDer(new Uint8Array(63))).toThrow(RangeError);
  });
});
