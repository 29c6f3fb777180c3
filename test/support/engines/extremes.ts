/** Values at the ends of every canonical type, as texts or bytes that the type reads. */
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { CanonicalValue, Spelling } from '../../../shared/canonical/spelling.ts';
import { codecFor } from '../../../shared/canonical/types.ts';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const TEXTS = [
  '',
  'a',
  'A',
  'a ',
  ' a',
  'é',
  'e\u0301',
  '\u0301',
  '😀',
  '😁',
  '\u{10ffff}',
  'a|b',
  "'; DROP TABLE rows; --",
  '"quoted", with a comma',
  'line\nfeed',
  'carriage\r\nreturn',
  'tab\tand \\ backslash \\N',
  'NULL',
  '<null>',
  '$1 %s ? :name @p #{x}',
  'ß ss İ i',
  'x'.repeat(70_000),
];

export interface Extremes {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: readonly NonNullable<Spelling>[];
}

export const EXTREMES: readonly Extremes[] = [
  {
    name: 'integer',
    type: { kind: 'integer' },
    values: [
      ...['0', '1', '-1', '127', '128', '-128', '-129', '32767', '2147483648', '9007199254740993'],
      ...['9223372036854775807', '-9223372036854775808', '18446744073709551615', '1e37'.replace('e37', '0'.repeat(37))],
    ],
  },
  {
    name: 'decimal',
    type: { kind: 'decimal' },
    values: [
      ...['0', '1', '-1', '0.1', '1.50', '-0.000001', '1e-20', '9e-20', '1234.5678', '12345.6789', '99999999.9999'],
      ...['123456789012345678901234567890.12345678', '-99999999999999999999999999999999999999', '1e60', '1e-100'],
      ...['NaN', 'Infinity', '-Infinity'],
    ],
  },
  {
    name: 'float64',
    type: { kind: 'float64' },
    values: [0, -0, 1.5, -1e-300, 1e300, 5e-324, 0.1 + 0.2, 16777217, Number.MAX_VALUE, Number.NaN, 1 / 0, -1 / 0],
  },
  {
    name: 'float32',
    type: { kind: 'float32' },
    values: [0, -0, 1.5, 16777216, Math.fround(1.1), 2 ** -149, 3.4028234663852886e38, Number.NaN, 1 / 0, -1 / 0],
  },
  { name: 'boolean', type: { kind: 'boolean' }, values: [true, false] },
  { name: 'text', type: { kind: 'text' }, values: TEXTS },
  {
    name: 'bytes',
    type: { kind: 'bytes' },
    values: [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(0xde, 0xad, 0), EVERY_BYTE],
  },
  {
    name: 'uuid',
    type: { kind: 'uuid' },
    values: [
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '01890A5D-AC96-774B-BCCE-B302099A8057',
    ],
  },
  {
    name: 'instant',
    type: { kind: 'instant', precision: 6 },
    values: [
      ...['1970-01-01T00:00:00Z', '1969-12-31T23:59:59.999999Z', '2024-02-29T23:59:59.5Z', '2024-10-27T01:30:00Z'],
      ...[
        '2024-10-27T02:30:00+02:00',
        '2038-01-19T03:14:07.999999Z',
        '9999-12-31T23:59:59.999999Z',
        '0001-01-01T00:00:00Z',
      ],
      ...['0044-03-15T12:00:00Z BC', 'infinity', '-infinity'],
    ],
  },
  {
    name: 'date',
    type: { kind: 'date' },
    values: [
      ...['1970-01-01', '1969-12-31', '2024-02-29', '1582-10-10', '0001-01-01', '9999-12-31', '0044-03-15 BC'],
      ...['infinity', '-infinity', '0000-00-00', '2024-00-00', '5874897-12-31'],
    ],
  },
  {
    name: 'time',
    type: { kind: 'time', precision: 6 },
    values: [
      '00:00:00',
      '23:59:59.999999',
      '12:34:56.000001',
      '24:00:00',
      '838:59:59.999999',
      '-838:59:59',
      '-00:00:01.5',
    ],
  },
  {
    name: 'datetime',
    type: { kind: 'datetime', precision: 6 },
    values: [
      ...['1970-01-01 00:00:00', '1969-12-31 23:59:59.999999', '2024-03-31 02:30:00', '9999-12-31 23:59:59.999999'],
      ...['0001-01-01 00:00:00', '0044-03-15 12:00:00 BC', 'infinity', '-infinity', '0000-00-00 00:00:00'],
    ],
  },
  {
    name: 'json',
    type: { kind: 'json' },
    values: [
      '{"b": 1.0, "a": [true, null, "x"], "": {}}',
      '[]',
      '"text"',
      '12345678901234567890.123456789',
      'false',
      '{"😀": "\\u00e9\\n", "nested": {"deep": [[[1e-7]]]}}',
    ],
  },
  {
    name: 'texts',
    type: { kind: 'array', element: { kind: 'text' } },
    values: [[], ['a', '', 'a'], ['é', "'"], ['x', null]],
  },
  { name: 'numbers', type: { kind: 'array', element: { kind: 'integer' } }, values: [[1n, -1n, 2n ** 31n], []] },
  { name: 'textset', type: { kind: 'set', element: { kind: 'text' } }, values: [['b', 'a', 'B'], ['one']] },
  { name: 'numberset', type: { kind: 'set', element: { kind: 'decimal' } }, values: [['1.5', '-2', '1e-20']] },
  {
    name: 'textmap',
    type: { kind: 'map', element: { kind: 'text' } },
    values: [
      new Map([
        ['b', '1'],
        ['a', ''],
        ['é', 'x'],
      ]),
      new Map(),
    ],
  },
];

/** What the codec makes of a spelling. */
export function canonical(type: ColumnType, spelling: NonNullable<Spelling>): CanonicalValue {
  const codec = codecFor(type);
  return codec.valueOf(codec.payloadOf(spelling, new ColumnNotes('value')));
}
