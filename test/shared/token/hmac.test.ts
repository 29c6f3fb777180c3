import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceHmac } from '../../../shared/token/hmac.ts';

const key = new Uint8Array(32).map((_, index) => index * 7);

/** The same by the library, at leisure. */
function reference(texts: readonly string[]): string {
  const hmac = createHmac('sha256', key);
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hmac.update(length).update(bytes);
  }
  return hmac.digest('base64url');
}

describe('HMAC of a sequence', () => {
  it('is HMAC-SHA-256 of the length-prefixed texts', () => {
    const hmac = new SequenceHmac(key);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 50 })), (texts) => {
        expect(hmac.ofTexts(...texts)).toBe(reference(texts));
      }),
    );
  });

  it('is right for texts longer than its buffer, and after them', () => {
    const hmac = new SequenceHmac(key);
    for (const texts of [['x'.repeat(100_000)], ['short'], ['é'.repeat(4000), '😀'.repeat(9000)], ['short']]) {
      expect(hmac.ofTexts(...texts)).toBe(reference(texts));
    }
  });

  it('[B04] is injective where joined fields are not', () => {
    const hmac = new SequenceHmac(key);
    const sequences = [
      ['a|b', 'c'],
      ['a', 'b|c'],
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      ['abc', ''],
      ['', 'abc'],
      [],
      [''],
    ];
    expect(new Set(sequences.map((texts) => hmac.ofTexts(...texts))).size).toBe(sequences.length);
  });

  it('keeps bytes apart from texts', () => {
    const hmac = new SequenceHmac(key);
    const bytes = Buffer.from('abc');
    expect(hmac.ofBytes(bytes)).toBe(
      createHmac('sha256', key).update(Buffer.from('ffffffff', 'hex')).update(bytes).digest('base64url'),
    );
    expect(hmac.ofBytes(bytes)).not.toBe(hmac.ofTexts('abc'));
    expect(hmac.ofBytes(Buffer.alloc(50_000))).toHaveLength(43);
  });

  it('refuses a lone surrogate, which would share its bytes with U+FFFD', () => {
    expect(() => new SequenceHmac(key).ofTexts('a\ud800')).toThrow(RangeError);
  });

  it('refuses a key of another length', () => {
    expect(() => new SequenceHmac(new Uint8Array(31))).toThrow(RangeError);
  });

  it('[B14] forgets its key', () => {
    const hmac = new SequenceHmac(key);
    const before = hmac.ofTexts('a');
    hmac.dispose();
    expect(hmac.ofTexts('a')).not.toBe(before);
  });
});
