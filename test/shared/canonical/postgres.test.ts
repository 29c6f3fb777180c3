import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf, daysOf } from '../../../shared/canonical/calendar.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import { fromPostgresBinary, isPostgresType } from '../../../shared/canonical/postgres/binary.ts';
import { columnWriter, rowBound, writeTuple } from '../../../shared/canonical/postgres/tuple.ts';
import { rowCodec } from '../../../shared/canonical/row.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { fieldBound } from '../../../shared/canonical/writer.ts';
import { bytesOf, changes } from './encode.ts';
import * as send from './postgres-send.ts';

/** What the writer of a column gives for bytes that lie within others, into the middle of other bytes. */
function written(name: string, type: ColumnType, bytes: Uint8Array, notes = new ColumnNotes('c')): string {
  const source = Buffer.concat([Buffer.alloc(3, 0xee), bytes, Buffer.alloc(3, 0xee)]);
  const target = new Uint8Array(fieldBound(bytes.length) + 7);
  const end = fromPostgresBinary(name, type, notes)(source, 3, 3 + bytes.length, target, 7);
  expect(end).toBeLessThanOrEqual(target.length);
  return Buffer.from(target.subarray(7, end)).toString('hex');
}

function expectSame(name: string, type: ColumnType, bytes: Uint8Array, spelling: Spelling): void {
  expect(written(name, type, bytes)).toBe(bytesOf(type, spelling));
}

const microseconds = fc.bigInt({
  min: -211_813_488_000_000_000n,
  max: 9_223_371_331_199_999_999n - 946_684_800_000_000n,
});
const INSTANT = { kind: 'instant', precision: 6 } as const;
const DATETIME = { kind: 'datetime', precision: 6 } as const;

describe('binary formats of PostgreSQL', () => {
  it('[S06] int2, int4 and int8 are integers, and decimals where the contract says so', () => {
    const edges = [0n, 1n, -1n, 127n, 128n, -128n, -129n, 255n, 256n, 32_767n, -32_768n];
    const cases = [
      ['int2', 16n, send.int2],
      ['int4', 32n, send.int4],
      ['int8', 64n, send.int8],
    ] as const;
    for (const [name, width, bytes] of cases) {
      const most = 2n ** (width - 1n);
      const value = fc.oneof(fc.constantFrom(...edges, most - 1n, -most), fc.bigInt({ min: -most, max: most - 1n }));
      fc.assert(
        fc.property(value, (number) => {
          expectSame(name, { kind: 'integer' }, bytes(number), number);
          expectSame(name, { kind: 'decimal' }, bytes(number), number);
        }),
      );
    }
  });

  it('[S06] float4 and float8 are their bits, except for NaN and a declared −0', () => {
    fc.assert(
      fc.property(fc.double(), fc.float(), (double, float) => {
        expectSame('float8', { kind: 'float64' }, send.float8(double), double);
        expectSame('float4', { kind: 'float32' }, send.float4(float), float);
        expectSame('float4', { kind: 'float64' }, send.float4(float), float);
      }),
    );
    for (const value of [0, -0, Infinity, -Infinity, Number.MAX_VALUE, 5e-324, -5e-324]) {
      expectSame('float8', { kind: 'float64' }, send.float8(value), value);
      expectSame('float8', { kind: 'float64', negativeZero: 'zero' }, send.float8(value), value);
    }
    for (const nan of ['7ff8000000000001', 'fff8000000000000', '7ff0000000000001', '7fffffffffffffff']) {
      expectSame('float8', { kind: 'float64' }, Buffer.from(nan, 'hex'), Number.NaN);
    }
    for (const nan of ['7fc00001', 'ffc00000', '7f800001'])
      expectSame('float4', { kind: 'float32' }, Buffer.from(nan, 'hex'), Number.NaN);
  });

  it('[S06] numeric is a decimal, to its last digit', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,80})(\.\d{1,60})?$/);
    fc.assert(
      fc.property(digits, fc.nat(30), (text, scale) => {
        expectSame('numeric', { kind: 'decimal' }, send.numeric(text), text);
        expectSame('numeric', { kind: 'decimal', scale }, send.numeric(text), text);
      }),
    );
    for (const text of [
      '0',
      '0.000',
      '100.00',
      '-0.00001',
      '0.0001',
      '10000',
      '10000.0001',
      '9999.9999',
      'NaN',
      'Infinity',
      '-Infinity',
    ]) {
      expectSame('numeric', { kind: 'decimal' }, send.numeric(text), text);
    }
    expectSame(
      'numeric',
      { kind: 'decimal' },
      send.numeric(`${'1'.repeat(131_072)}.${'3'.repeat(16_383)}`),
      `${'1'.repeat(131_072)}.${'3'.repeat(16_383)}`,
    );
    expectSame('numeric', { kind: 'integer' }, send.numeric('100.00'), 100n);
  });

  it('does not let zero groups that a server might leave in make two encodings of one number', () => {
    // 0001 0000 with a weight of 1, and 0000 0001 0000 with a weight of 2: both 10 000.
    const trailing = Buffer.from('000200010000000000010000', 'hex');
    const leading = Buffer.from('0003000200000000000000010000', 'hex');
    expectSame('numeric', { kind: 'decimal' }, trailing, '10000');
    expectSame('numeric', { kind: 'decimal' }, leading, '10000');
  });

  it('counts a rounded numeric once, and one within its scale never', () => {
    const notes = new ColumnNotes('c');
    for (const text of ['1.255', '1.25', '1.250'])
      written('numeric', { kind: 'decimal', scale: 2 }, send.numeric(text), notes);
    expect(notes.counts.scale).toBe(1);
  });

  it('[S06] bool, bytea and uuid are what they are', () => {
    expectSame('bool', { kind: 'boolean' }, Buffer.of(1), true);
    expectSame('bool', { kind: 'boolean' }, Buffer.of(0), false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes, uuid) => {
        expectSame('bytea', { kind: 'bytes' }, bytes, bytes);
        expectSame('bytea', { kind: 'bytes', padding: 'trim' }, bytes, bytes);
        expectSame('uuid', { kind: 'uuid' }, uuid, uuid);
        expectSame('bytea', { kind: 'uuid' }, uuid, uuid);
      }),
    );
  });

  it('[S06] text is its bytes, under every rule', () => {
    const rules: ColumnType[] = [
      { kind: 'text' },
      { kind: 'text', padding: 'trim' },
      { kind: 'text', normalization: 'nfc' },
      { kind: 'text', padding: 'trim', normalization: 'nfc' },
    ];
    const unit = fc.constantFrom('a', ' ', 'e\u0301', '\u00e9', '😀', 'ß', '\u0301');
    const texts = fc.oneof(
      fc.string({ unit, maxLength: 80 }),
      fc.string({ maxLength: 200 }),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom('text', 'varchar', 'bpchar', 'name'), (text, name) => {
        for (const type of rules) {
          const notes = new ColumnNotes('c');
          expect(written(name, type, Buffer.from(text), notes)).toBe(bytesOf(type, text));
          expect(Object.fromEntries(Object.entries(notes.counts).filter(([, count]) => count > 0))).toEqual(
            changes(type, text),
          );
        }
      }),
    );
  });

  it('refuses a text that is not UTF-8, short or long', () => {
    for (const bytes of [
      Buffer.of(0xff),
      Buffer.from('ed a0 80'.replaceAll(' ', ''), 'hex'),
      Buffer.alloc(100, 0xc3),
    ]) {
      expect(() => written('text', { kind: 'text' }, bytes)).toThrow(
        expect.objectContaining({ code: 'field-characters' }),
      );
    }
  });

  it('[S06] timestamptz is an instant, timestamp the parts on a wall, over their whole ranges', () => {
    fc.assert(
      fc.property(microseconds, fc.integer({ min: 6, max: 9 }), (value, precision) => {
        expectSame('timestamptz', { kind: 'instant', precision }, send.timestamp(value), { instant: value * 1000n });
        const day = 86_400_000_000n;
        const time = ((value % day) + day) % day;
        const datetime = { ...dateOf(Number((value - time) / day)), time: time * 1000n };
        expectSame('timestamp', { kind: 'datetime', precision }, send.timestamp(value), { datetime });
        expectSame('timestamp', { kind: 'instant', precision, zoneless: 'utc' }, send.timestamp(value), {
          instant: value * 1000n,
        });
      }),
    );
    for (const text of [
      '1970-01-01 00:00:00',
      '2000-01-01 00:00:00',
      '1999-12-31 23:59:59.999999',
      '9999-12-31 23:59:59',
      '2262-04-11 23:47:16.854776',
      '1677-09-21 00:12:43.145224',
    ]) {
      const value =
        BigInt(Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)) * 1000n + BigInt(text.slice(20).padEnd(6, '0'));
      expectSame('timestamptz', INSTANT, send.timestamp(value), `${text}Z`);
      expectSame('timestamp', DATETIME, send.timestamp(value), text);
    }
  });

  it('[S06] has the infinities of dates and timestamps', () => {
    expectSame('timestamptz', INSTANT, send.int8(2n ** 63n - 1n), 'infinity');
    expectSame('timestamptz', INSTANT, send.int8(-(2n ** 63n)), '-infinity');
    expectSame('timestamp', DATETIME, send.int8(2n ** 63n - 1n), 'infinity');
    expectSame('timestamp', DATETIME, send.int8(-(2n ** 63n)), '-infinity');
    expectSame('timestamp', { ...INSTANT, zoneless: 'utc' }, send.int8(2n ** 63n - 1n), 'infinity');
    expectSame('date', { kind: 'date' }, send.int4(2n ** 31n - 1n), 'infinity');
    expectSame('date', { kind: 'date' }, send.int4(-(2n ** 31n)), '-infinity');
  });

  it('[S06] date is its parts, from 4713 BC to 5874897', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_451_507, max: 2_145_031_948 }), (days) => {
        expectSame('date', { kind: 'date' }, send.date(days), { date: dateOf(days) });
      }),
    );
    expectSame('date', { kind: 'date' }, send.date(daysOf({ year: -43, month: 3, day: 15 })), '0044-03-15 BC');
  });

  it('[S06] time is a time of day; its end is not its beginning', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 86_400_000_000n }), (value) => {
        expectSame('time', { kind: 'time', precision: 6 }, send.time(value), { time: value * 1000n });
      }),
    );
    expectSame('time', { kind: 'time', precision: 6 }, send.time(86_400_000_000n), '24:00:00');
    expectSame('time', { kind: 'time', precision: 0 }, send.time(0n), '00:00:00');
  });

  it('applies a declared precision as the reference does, and counts the same', () => {
    fc.assert(
      fc.property(
        microseconds,
        fc.constantFrom('round', 'truncate'),
        fc.integer({ min: 0, max: 5 }),
        (value, excess, precision) => {
          const type = { kind: 'instant', precision, excess } as const;
          const notes = new ColumnNotes('c');
          const spelling = { instant: value * 1000n };
          expect(written('timestamptz', type, send.timestamp(value), notes)).toBe(bytesOf(type, spelling));
          expect(notes.counts.precision).toBe(changes(type, spelling).precision ?? 0);
        },
      ),
    );
    expect(() => written('timestamptz', { kind: 'instant', precision: 3 }, send.timestamp(1n))).toThrow(
      expect.objectContaining({ code: 'field-range' }),
    );
  });

  it('[S06] json and jsonb are JSON, and never take more room than was reserved', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expectSame('json', { kind: 'json' }, Buffer.from(text), text);
        expectSame('jsonb', { kind: 'json' }, Buffer.concat([Buffer.of(1), Buffer.from(text)]), text);
      }),
    );
    for (const text of [
      `${'['.repeat(250)}1${']'.repeat(250)}`,
      `[${'1,'.repeat(500)}1]`,
      `[${'"",'.repeat(500)}{}]`,
      '{"a":[]}',
      '0',
    ]) {
      expectSame('json', { kind: 'json' }, Buffer.from(text), text);
    }
    expect(() => written('jsonb', { kind: 'json' }, Buffer.from('\u0002{}'))).toThrow(
      expect.objectContaining({ code: 'field-format' }),
    );
  });

  it('[S06] arrays are arrays, of any depth, or sets', () => {
    const texts = { kind: 'array', element: { kind: 'text' } } as const;
    const [a, b] = [Buffer.from('a'), Buffer.from('b')];
    expectSame('_text', texts, send.array([]), []);
    expectSame('_text', texts, send.array([a, null, Buffer.alloc(0)]), ['a', null, '']);
    expectSame('_text', { kind: 'array', element: texts }, send.array([a, b, b, a], [2, 2]), [
      ['a', 'b'],
      ['b', 'a'],
    ]);
    expectSame(
      '_int4',
      { kind: 'set', element: { kind: 'integer' } },
      send.array([send.int4(5n), send.int4(-1n)]),
      [-1, 5],
    );
    expectSame(
      '_int2',
      { kind: 'array', element: { kind: 'integer' } },
      send.array(Array(300).fill(send.int2(1n))),
      Array(300).fill(1),
    );
    expect(() => written('_text', texts, send.array([a], [1], 0))).toThrow(
      expect.objectContaining({ code: 'field-format' }),
    );
    expect(() => written('_text', texts, send.array([a], [2]))).toThrow(
      expect.objectContaining({ code: 'field-format' }),
    );
    expect(() => written('_text', texts, Buffer.concat([send.array([a]), a]))).toThrow(
      expect.objectContaining({ code: 'field-format' }),
    );
  });

  it("reads a text as another type only in that type's spelling", () => {
    expectSame(
      'text',
      { kind: 'uuid' },
      Buffer.from('A0EEBC999C0B4EF8BB6D6BB9BD380A11'),
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    );
    expectSame('varchar', { kind: 'decimal' }, Buffer.from('1.50'), '1.5');
    expect(() => written('text', { kind: 'integer' }, Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'field-format' }),
    );
  });

  it.each<[string, ColumnType]>([
    ['int4', { kind: 'text' }],
    ['int8', { kind: 'float64' }],
    ['numeric', { kind: 'float64' }],
    ['float8', { kind: 'decimal' }],
    ['timestamp', INSTANT],
    ['timestamptz', DATETIME],
    ['timestamptz', { kind: 'date' }],
    ['date', DATETIME],
    ['int8', INSTANT],
    ['bool', { kind: 'integer' }],
    ['uuid', { kind: 'text' }],
    ['bytea', { kind: 'json' }],
    ['text', { kind: 'bytes' }],
    ['json', { kind: 'text' }],
    ['_int4', { kind: 'array', element: { kind: 'text' } }],
    ['_text', { kind: 'text' }],
    ['money', { kind: 'decimal' }],
    ['interval', { kind: 'text' }],
    ['constructor', { kind: 'text' }],
  ])('refuses the undeclared difference in type of %s as %j, before any row', (name, type) => {
    expect(() => fromPostgresBinary(name, type, new ColumnNotes('c'))).toThrow(
      expect.objectContaining({ code: 'field-type', errors: [expect.objectContaining({ pointer: '/c' })] }),
    );
  });

  it('knows which types it reads', () => {
    expect(['int4', '_uuid', 'jsonb'].every(isPostgresType)).toBe(true);
    expect(['money', '_money', 'toString', '__int4', ''].some(isPostgresType)).toBe(false);
  });

  it.each(['int4', 'bool', 'uuid', 'float8', 'date', 'time', 'timestamptz', 'numeric'])(
    'does not take bytes of a wrong length for a %s',
    (name) => {
      const kinds: Record<string, ColumnType> = {
        int4: { kind: 'integer' },
        bool: { kind: 'boolean' },
        uuid: { kind: 'uuid' },
        float8: { kind: 'float64' },
        date: { kind: 'date' },
        time: { kind: 'time', precision: 6 },
        timestamptz: INSTANT,
        numeric: { kind: 'decimal' },
      };
      const type = kinds[name] ?? { kind: 'text' };
      expect(() => written(name, type, Buffer.alloc(0))).toThrow(expect.objectContaining({ code: 'field-format' }));
    },
  );
});

describe('tuples', () => {
  const columns = [
    { name: 'id', type: { kind: 'integer' } },
    { name: 'region', type: { kind: 'text' } },
    { name: 'amount', type: { kind: 'decimal' } },
  ] as const;
  const engineTypes = ['int8', 'text', 'numeric'];
  const writers = columns.map((column, index) =>
    columnWriter({ ...column, engineType: engineTypes[index] ?? '' }, new ColumnNotes(column.name)),
  );

  it('become rows, with the end of their key', () => {
    const tuple = send.tuple([send.int8(300n), Buffer.from('eu'), null]);
    const target = new Uint8Array(rowBound(tuple.length, 3) + 5);
    const codec = rowCodec(columns);
    for (const [keyColumns, keyBytes] of [
      [0, 0],
      [1, 4],
      [2, 8],
    ] as const) {
      const ends = { keyEnd: -1, end: -1 };
      writeTuple(writers, keyColumns, Buffer.concat([Buffer.alloc(2), tuple]), 2, target, 5, ends);
      expect(target.slice(5, ends.end)).toEqual(codec.encode([300n, 'eu', null]));
      expect(ends.keyEnd - 5).toBe(keyBytes);
    }
  });
});
