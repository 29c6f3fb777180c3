import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnType } from '../../../shared/canonical/column-type.ts';
import { LOSSY_RULES } from '../../../shared/canonical/notes.ts';
import { type Column, rowCodec } from '../../../shared/canonical/row.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { TAG } from '../../../shared/canonical/tag.ts';
import vectors from '../../vectors/canonical-rows.json' with { type: 'json' };
import { bytesOf, readBack } from './encode.ts';

const text = (name: string): Column => ({ name, type: { kind: 'text' } });
const hexOf = (columns: readonly Column[], row: readonly Spelling[]): string =>
  Buffer.from(rowCodec(columns).encode(row)).toString('hex');

describe('row', () => {
  const two = [text('a'), text('b')];

  it('[S06] cannot be cut in two ways: what stands beside the separators of peers stays apart', () => {
    const rows: Spelling[][] = [
      ['a|b', 'c'],
      ['a', 'b|c'],
      ['ab', 'c '],
      ['a', 'bc'],
      ['abc', ''],
      ['', 'abc'],
      ['abc', null],
      [null, 'abc'],
      ['abc', undefined],
      ['<null>', 'abc'],
      ['null', 'abc'],
    ];
    expect(new Set(rows.map((row) => hexOf(two, row))).size).toBe(rows.length);
  });

  it('[S06] has the same bytes for equal rows only, and reads back', () => {
    const value = fc.oneof(
      fc.constantFrom<Spelling[]>(undefined, null, '', ' '),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const row = fc.tuple(value, value);
    fc.assert(
      fc.property(row, row, (left, right) => {
        const same = left.every((item, index) => item === right[index]);
        expect(hexOf(two, left) === hexOf(two, right)).toBe(same);
        expect(rowCodec(two).decode(rowCodec(two).encode(left))).toEqual(left);
      }),
    );
  });

  it('lets a value of any length be read back, over every width of its length', () => {
    for (const length of [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const long = 'x'.repeat(length);
      const codec = rowCodec(two);
      expect(codec.decode(codec.encode([long, 'y']))).toEqual([long, 'y']);
    }
  });

  it('keeps types apart by their tags alone', () => {
    expect(new Set(Object.values(TAG)).size).toBe(Object.values(TAG).length);
    const same: readonly [ColumnType, Spelling][] = [
      [{ kind: 'text' }, '1'],
      [{ kind: 'bytes' }, Uint8Array.of(0x31)],
      [{ kind: 'integer' }, 0x31n],
      [{ kind: 'json' }, '1'],
      [{ kind: 'boolean' }, '1'],
    ];
    expect(new Set(same.map(([type, spelling]) => bytesOf(type, spelling))).size).toBe(same.length);
  });

  it('counts what rules changed, a column each', () => {
    const codec = rowCodec([
      { name: 'name', type: { kind: 'text', padding: 'trim', normalization: 'nfc' } },
      { name: 'amount', type: { kind: 'decimal', scale: 1 } },
    ]);
    codec.encode(['e\u0301 ', '1.25']);
    codec.encode(['e', '1.2']);
    const none = Object.fromEntries(LOSSY_RULES.map((rule) => [rule, 0]));
    expect(codec.notes.map(({ column, counts }) => ({ column, counts }))).toEqual([
      { column: 'name', counts: { ...none, nfc: 1, padding: 1 } },
      { column: 'amount', counts: { ...none, scale: 1 } },
    ]);
  });

  it('[S16] names the column and the rule of a refused value, and says nothing of the value', () => {
    const codec = rowCodec([text('a'), { name: 'card/no~1', type: { kind: 'integer' } }]);
    const refusal = (): unknown => {
      try {
        return codec.encode(['x', 'secret-4711']);
      } catch (problem) {
        return problem;
      }
    };
    expect(refusal()).toMatchObject({ code: 'field-format', errors: [{ pointer: '/card~1no~01', rule: 'integer' }] });
    expect(`${refusal()} ${JSON.stringify(refusal())}`).not.toContain('4711');
  });
});

describe('reading back', () => {
  it.each([
    ['a truncated field', '2005616263'],
    ['a length with a needless byte', '20830061626300'],
    ['a length without end', '2080808080808001'],
    ['no field', ''],
    ['a field of another type', '100161'],
    ['bytes after the row', '20016120'],
    ['an empty value with the tag of one', '2000'],
    ['an empty value of another type', '030121'],
    ['a NULL with a payload', '020100'],
    ['a text that is not UTF-8', '2001ff'],
  ])('refuses %s', (_what, hex) => {
    expect(() => readBack({ kind: 'text' }, hex)).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
  });

  it.each<[string, ColumnType, string]>([
    ['an integer with needless bytes', { kind: 'integer' }, '10020001'],
    ['a negative integer with needless bytes', { kind: 'integer' }, '1002ffff'],
    ['a decimal with a zero group in front', { kind: 'decimal' }, '1106010200000001'],
    ['a decimal with a zero group at its end', { kind: 'decimal' }, '1106010000010000'],
    ['a decimal with a group of 10000', { kind: 'decimal' }, '110401002710'],
    ['a decimal with half a group', { kind: 'decimal' }, '1103010001'],
    ['a decimal without digits', { kind: 'decimal' }, '11020100'],
    ['a zero with digits', { kind: 'decimal' }, '110400000001'],
    ['a NaN of other bits', { kind: 'float64' }, '13087ff8000000000001'],
    ['a float of another width', { kind: 'float32' }, '1303000000'],
    ['a boolean that is neither', { kind: 'boolean' }, '140102'],
    ['a UUID of fifteen bytes', { kind: 'uuid' }, `220f${'00'.repeat(15)}`],
    ['an instant of another precision', { kind: 'instant', precision: 6 }, '30020300'],
    ['an instant with more digits than its precision', { kind: 'instant', precision: 6 }, '30020601'],
    ['an instant with needless bytes', { kind: 'instant', precision: 9 }, '3003090001'],
    ['a date in month 13', { kind: 'date' }, '310400000d01'],
    ['a zero date that says it is none', { kind: 'date' }, '310400000000'],
    ['a date with needless bytes', { kind: 'date' }, '31050000010100'],
    ['a time of another kind', { kind: 'time', precision: 6 }, '32080106000000000000'],
    [
      'a date-time of more than a day',
      { kind: 'datetime', precision: 6 },
      '330b000001010 64e94914f0000'.replace(' ', ''),
    ],
    ['JSON names out of order', { kind: 'json' }, '400c430a20016202002001610200'],
    ['a JSON name that stands twice', { kind: 'json' }, '400c430a20016102002001610200'],
    ['JSON of no kind', { kind: 'json' }, '4003100101'],
    ['a set out of order', { kind: 'set', element: { kind: 'integer' } }, '4206100102100101'],
    ['a set with a duplicate', { kind: 'set', element: { kind: 'integer' } }, '4206100101100101'],
    ['a map out of order', { kind: 'map', element: { kind: 'integer' } }, '430c200162100101200161100101'],
    ['an array with an absent element', { kind: 'array', element: { kind: 'integer' } }, '41020100'],
  ])('refuses %s', (_what, type, hex) => {
    expect(() => readBack(type, hex)).toThrow(expect.objectContaining({ code: 'evidence-invalid' }));
  });

  it('gives a token for a masked value of any type', () => {
    expect(readBack({ kind: 'integer' }, '23020102')).toEqual({ token: Uint8Array.of(1, 2) });
  });
});

describe('vectors', () => {
  it.each(vectors.map((vector) => [vector.title, vector] as const))(
    'have not moved: %s',
    (_title, { columns, row, hex }) => {
      const parsed = columns.map(({ name, type }) => ({ name, type: ColumnType.parse(type) }));
      expect(hexOf(parsed, row)).toBe(hex);
    },
  );
});

describe('declaration of a type', () => {
  it.each([
    { kind: 'decimal', scale: -1 },
    { kind: 'instant' },
    { kind: 'instant', precision: 10 },
    { kind: 'text', collation: 'de' },
    { kind: 'array' },
    { kind: 'array', element: { kind: 'money' } },
    { kind: 'integer', width: 4 },
  ])('refuses %j', (type) => {
    expect(ColumnType.safeParse(type).success).toBe(false);
  });

  it('takes nested types', () => {
    const type = { kind: 'map', element: { kind: 'array', element: { kind: 'decimal', scale: 2 } } };
    expect(ColumnType.parse(type)).toEqual(type);
  });
});
