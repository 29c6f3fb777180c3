import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, changes, expectDistinct, expectEqual, expectRefused, roundTrip } from './encode.ts';

const TEXT = { kind: 'text' } as const;
const BYTES = { kind: 'bytes' } as const;
const UUID = { kind: 'uuid' } as const;

describe('text', () => {
  it('[S06] is its UTF-8 bytes exactly, from a string or from bytes, and reads back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expectEqual(TEXT, text, Buffer.from(text, 'utf8'));
        expect(roundTrip(TEXT, text)).toBe(text);
      }),
    );
  });

  it('keeps apart what collations, paddings and character sets join', () => {
    expectDistinct(TEXT, 'a', 'A', 'á', 'a ', ' a', 'a\u0000', '', 'null', '<null>', null, undefined);
    expectDistinct(TEXT, '😀', '😁', '?', '\u00e9', 'e\u0301', 'e', '\u0301', 'ß', 'ss', 'ﬁ', 'fi', '\ufeffa');
  });

  it('knows four kinds of nothing', () => {
    expect([undefined, null, '', 'x'].map((spelling) => bytesOf(TEXT, spelling).slice(0, 2))).toEqual([
      '01',
      '02',
      '03',
      '20',
    ]);
  });

  it('normalizes only when that is declared, and counts it', () => {
    const type = { kind: 'text', normalization: 'nfc' } as const;
    expectEqual(type, '\u00e9', 'e\u0301');
    expectEqual(type, '\u1e9b\u0323', '\u1e9b\u0323');
    expectDistinct(type, 'ﬁ', 'fi');
    expect(changes(type, 'e\u0301', '\u00e9', 'plain')).toEqual({ nfc: 1 });
  });

  it('trims padding only when that is declared, only spaces, only at the end, and counts it', () => {
    const type = { kind: 'text', padding: 'trim' } as const;
    expectEqual(type, 'ab', 'ab ', 'ab     ');
    expectEqual(type, '', '   ');
    expectDistinct(type, ' ab', 'ab', 'ab\t', 'ab\u00a0');
    expect(changes(type, 'ab ', 'ab', '  ')).toEqual({ padding: 2 });
  });

  it('refuses a lone surrogate, which has no UTF-8 form, and bytes that are not UTF-8', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800']) expectRefused(TEXT, text, 'field-characters');
    for (const bytes of [[0xff], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf0, 0x9f, 0x98]]) {
      expectRefused(TEXT, Uint8Array.from(bytes), 'field-characters');
    }
  });

  it('refuses what is no text, rather than printing it', () => {
    for (const spelling of [1, 1n, true, [], new Map()]) expectRefused(TEXT, spelling, 'field-type');
  });
});

describe('bytes', () => {
  it('[S06] are themselves, and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(roundTrip(BYTES, bytes)).toEqual(bytes);
      }),
    );
  });

  it('are read from a text only as declared', () => {
    expectEqual({ kind: 'bytes', text: 'hex' }, Uint8Array.of(0xde, 0xad), '\\xdead', '0xDEAD', 'dead');
    expectEqual({ kind: 'bytes', text: 'base64' }, Uint8Array.of(0xde, 0xad), '3q0=');
    expectRefused(BYTES, '\\xdead', 'field-type');
    for (const spelling of ['\\xdea', 'zz', '\\x de']) expectRefused({ kind: 'bytes', text: 'hex' }, spelling);
    for (const spelling of ['3q0', '3q1=', '3q0=\n', '3-0='])
      expectRefused({ kind: 'bytes', text: 'base64' }, spelling);
  });

  it('lose zero padding only when that is declared, and it is counted', () => {
    const type = { kind: 'bytes', padding: 'trim' } as const;
    expectEqual(type, Uint8Array.of(1), Uint8Array.of(1, 0), Uint8Array.of(1, 0, 0));
    expectEqual(type, new Uint8Array(0), new Uint8Array(3));
    expectDistinct(BYTES, Uint8Array.of(1), Uint8Array.of(1, 0), new Uint8Array(0), new Uint8Array(1));
    expect(changes(type, Uint8Array.of(1, 0), Uint8Array.of(1))).toEqual({ padding: 1 });
  });
});

describe('uuid', () => {
  const canonical = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

  it('[S06] is sixteen bytes, however it is spelled', () => {
    expectEqual(
      UUID,
      canonical,
      canonical.toUpperCase(),
      `{${canonical}}`,
      `urn:uuid:${canonical}`,
      canonical.replaceAll('-', ''),
      'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11',
      Buffer.from(canonical.replaceAll('-', ''), 'hex'),
    );
    expect(roundTrip(UUID, canonical)).toEqual(new Uint8Array(Buffer.from(canonical.replaceAll('-', ''), 'hex')));
  });

  it('refuses what is none', () => {
    for (const spelling of [
      '',
      canonical.slice(1),
      `${canonical}0`,
      `{${canonical}`,
      canonical.replace('a', 'g'),
      'a0-ee',
    ]) {
      expectRefused(UUID, spelling);
    }
    expectRefused(UUID, new Uint8Array(15), 'field-length');
    expectRefused(UUID, 1n, 'field-type');
  });
});
