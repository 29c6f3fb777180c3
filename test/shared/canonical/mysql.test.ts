import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf } from '../../../shared/canonical/calendar.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { fromMysqlText, isMysqlType } from '../../../shared/canonical/mysql/text-protocol.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { fieldBound } from '../../../shared/canonical/writer.ts';
import { bytesOf, changes } from './encode.ts';

function written(name: string, type: ColumnType, sent: string | Uint8Array, notes = new ColumnNotes('c')): string {
  const bytes = Buffer.from(sent);
  // What stands around a value in a packet must not be taken for a part of it: digits, here.
  const source = Buffer.concat([Buffer.from('999'), bytes, Buffer.from('999')]);
  const target = new Uint8Array(fieldBound(bytes.length) + 7);
  const end = fromMysqlText(name, type, notes)(source, 3, 3 + bytes.length, target, 7);
  expect(end).toBeLessThanOrEqual(target.length);
  return Buffer.from(target.subarray(7, end)).toString('hex');
}

function expectSame(name: string, type: ColumnType, sent: string | Uint8Array, spelling: Spelling): void {
  expect(written(name, type, sent)).toBe(bytesOf(type, spelling));
}

const INTEGER = { kind: 'integer' } as const;
const DECIMAL = { kind: 'decimal' } as const;

describe('text protocol of MySQL', () => {
  it('[S06] integers are their digits, signed or not', () => {
    const edges = [
      9n,
      10n,
      999_999_999n,
      1_000_000_000n,
      4_294_967_295n,
      4_294_967_296n,
      10n ** 17n,
      10n ** 18n - 1n,
      10n ** 18n,
    ];
    const numbers = fc.oneof(
      fc.constantFrom(...edges, ...edges.map((edge) => -edge), 2n ** 64n - 1n, 2n ** 63n, -(2n ** 63n), 0n),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
    );
    fc.assert(
      fc.property(numbers, (number) => {
        expectSame('bigint', INTEGER, number.toString(), number);
        expectSame('bigint', DECIMAL, number.toString(), number);
      }),
      { numRuns: 400 },
    );
    expectSame('int', INTEGER, '-0', 0n);
    expectSame('int', INTEGER, '007', 7n);
    expectSame('year', INTEGER, '2024', 2024n);
  });

  it('[S06] doubles, booleans and UUIDs are what the reference makes of them, in every form', () => {
    const FLOAT64 = { kind: 'float64' } as const;
    const doubles = fc.oneof(
      fc.stringMatching(/^-?\d{1,18}(\.\d{1,24})?$/),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc
        .tuple(fc.integer(), fc.integer({ min: 0, max: 12 }))
        .map(([number, scale]) => (number / 10 ** scale).toString()),
    );
    const outcome = (write: () => string): string => {
      try {
        return write();
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      }
    };
    fc.assert(
      fc.property(doubles, (sent) => {
        for (const type of [FLOAT64, { ...FLOAT64, negativeZero: 'zero' } as const]) {
          expect(outcome(() => written('double', type, sent))).toBe(outcome(() => bytesOf(type, sent)));
        }
      }),
      { numRuns: 1500 },
    );
    for (const sent of [
      '0',
      '-0',
      '-0.0',
      '0.000',
      '5.',
      '.5',
      '-',
      '',
      '1e300',
      '007.50',
      '123456789012345.6',
      '1.',
      '4.35',
    ]) {
      expect(outcome(() => written('double', FLOAT64, sent))).toBe(outcome(() => bytesOf(FLOAT64, sent)));
    }
    for (const sent of ['1', '0', 'true', 'false', 'TRUE', 't', 'on', '2', '', 'tru']) {
      expect(outcome(() => written('tinyint', { kind: 'boolean' }, sent))).toBe(
        outcome(() => bytesOf({ kind: 'boolean' }, sent)),
      );
    }
    const UUID = { kind: 'uuid' } as const;
    const spoilt = fc
      .tuple(fc.uuid(), fc.nat(35), fc.constantFrom('', 'g', '-', 'A', '{'))
      .map(([text, index, change]) => (change === '' ? text : text.slice(0, index) + change + text.slice(index + 1)));
    fc.assert(
      fc.property(spoilt, (sent) => {
        expect(outcome(() => written('uuid', UUID, sent))).toBe(outcome(() => bytesOf(UUID, sent)));
      }),
      { numRuns: 400 },
    );
  });

  it.each(['', '-', '1.5', '1a', 'a1', '12345678901234567x', ' 1'])('refuses %j as an integer', (sent) => {
    expect(() => written('int', INTEGER, sent)).toThrow(expect.objectContaining({ code: 'field-format' }));
  });

  it('[S06] decimals keep their value and lose their scale', () => {
    const digits = fc.stringMatching(/^-?\d{1,65}(\.\d{1,30})?$/);
    fc.assert(
      fc.property(digits, fc.nat(30), (sent, scale) => {
        expectSame('decimal', DECIMAL, sent, sent);
        expectSame('decimal', { kind: 'decimal', scale }, sent, sent);
      }),
      { numRuns: 400 },
    );
    for (const sent of [
      '0',
      '0.00',
      '-0.00',
      '100.00',
      '0.0001',
      '0.00001',
      '10000',
      '9999.9999',
      '00012.50',
      '5.',
      '1234.5678',
    ]) {
      expectSame('decimal', DECIMAL, sent, sent);
    }
    expectSame('decimal', INTEGER, '12.00', 12n);
    expect(() => written('decimal', INTEGER, '12.50')).toThrow(expect.objectContaining({ code: 'field-format' }));
  });

  it.each(['', '-', '.', '1.2.3', '1,5', 'x', '--1', '-.'])('refuses %j as a decimal', (sent) => {
    expect(() => written('decimal', DECIMAL, sent)).toThrow(expect.objectContaining({ code: 'field-format' }));
  });

  it('counts a rounded decimal once, and one within its scale never', () => {
    const notes = new ColumnNotes('c');
    for (const sent of ['1.255', '1.25', '1.2500', '-0.001'])
      written('decimal', { kind: 'decimal', scale: 2 }, sent, notes);
    expect(notes.counts.scale).toBe(2);
  });

  it('[S06] floats are the nearest value', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expectSame('double', { kind: 'float64' }, value.toString(), Object.is(value, -0) ? 0 : value);
      }),
    );
    expectSame('double', { kind: 'float64' }, '-0', -0);
    // A FLOAT selected as `column + 0e0` is printed as the double that it is.
    expectSame('float', { kind: 'float32' }, '0.10000000149011612', Math.fround(0.1));
    expectSame('float', { kind: 'float32' }, '16777216', 16777216);
  });

  it('[S06] bit is a boolean or an unsigned number', () => {
    expectSame('bit', { kind: 'boolean' }, Buffer.of(1), true);
    expectSame('bit', { kind: 'boolean' }, Buffer.of(0), false);
    expectSame('bit', INTEGER, Buffer.of(1), 1n);
    expectSame('bit', INTEGER, Buffer.of(0x80), 128n);
    expectSame('bit', INTEGER, Buffer.alloc(8, 0xff), 2n ** 64n - 1n);
    expectSame('tinyint', { kind: 'boolean' }, '1', true);
  });

  it('[S06] texts are their bytes, and binaries theirs, under every rule', () => {
    const unit = fc.constantFrom('a', ' ', 'e\u0301', '😀', '😁', '\u0000');
    const rules = [{ kind: 'text' }, { kind: 'text', padding: 'trim', normalization: 'nfc' }] as const;
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 90 }), fc.uint8Array({ maxLength: 90 }), (text, bytes) => {
        for (const type of rules) {
          const notes = new ColumnNotes('c');
          expect(written('varchar', type, text, notes)).toBe(bytesOf(type, text));
          expect(Object.fromEntries(Object.entries(notes.counts).filter(([, count]) => count > 0))).toEqual(
            changes(type, text),
          );
        }
        expectSame('varbinary', { kind: 'bytes' }, bytes, bytes);
        expectSame('binary', { kind: 'bytes', padding: 'trim' }, bytes, bytes);
      }),
    );
    expectSame('char', { kind: 'uuid' }, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11');
    expectSame('binary', { kind: 'uuid' }, Buffer.alloc(16, 7), Buffer.alloc(16, 7));
    expectSame('uuid', { kind: 'uuid' }, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11');
    expectSame('json', { kind: 'json' }, '{"b": 1.0, "a": "x"}', '{"a":"x","b":1}');
  });

  const pad = (number: number | bigint, digits: number): string => number.toString().padStart(digits, '0');
  const clock = (microseconds: bigint, digits: number): string => {
    const seconds = microseconds / 1_000_000n;
    const fraction = digits === 0 ? '' : `.${pad(microseconds % 1_000_000n, 6).slice(0, digits)}`;
    return `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}${fraction}`;
  };
  const dates = fc.integer({ min: -719_528, max: 2_932_896 }).map((days) => {
    const { year, month, day } = dateOf(days);
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  });
  const times = fc.bigInt({ min: 0n, max: 86_399_999_999n });

  it('[S06] dates, date-times and timestamps are what they say, at any number of digits', () => {
    fc.assert(
      fc.property(
        dates,
        times,
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 9 }),
        (date, time, digits, precision) => {
          const text = `${date} ${clock(time, digits)}`;
          expectSame('date', { kind: 'date' }, date, date);
          const rules = { precision, excess: 'truncate' } as const;
          expectSame('datetime', { kind: 'datetime', ...rules }, text, text);
          expectSame('datetime', { kind: 'instant', zoneless: 'utc', ...rules }, text, `${text}Z`);
          expectSame('timestamp', { kind: 'instant', ...rules }, text, `${text}Z`);
          expectSame('time', { kind: 'time', ...rules }, clock(time, digits), clock(time, digits));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[S06] has zero dates, and times that are no time of day', () => {
    for (const date of ['0000-00-00', '2024-00-00', '2024-02-00', '0000-01-01', '2024-02-30', '9999-12-31']) {
      expectSame('date', { kind: 'date' }, date, date);
      expectSame('datetime', { kind: 'datetime', precision: 6 }, `${date} 12:30:00.000001`, `${date} 12:30:00.000001`);
    }
    for (const time of ['-838:59:59', '838:59:59.000000', '24:00:00', '-00:00:01', '100:00:00', '23:59:59.5']) {
      expectSame('time', { kind: 'time', precision: 6 }, time, time);
    }
  });

  it('refuses a zero date where a point in time is declared, and one that the calendar does not have', () => {
    for (const text of ['0000-00-00 00:00:00', '2024-02-30 00:00:00', '2024-02-00 00:00:00']) {
      expect(() => written('timestamp', { kind: 'instant', precision: 6 }, text)).toThrow(
        expect.objectContaining({ code: 'field-range' }),
      );
    }
    expectSame('timestamp', { kind: 'instant', precision: 6 }, '2024-02-29 00:00:00', '2024-02-29 00:00:00Z');
    expectSame('timestamp', { kind: 'instant', precision: 6 }, '2024-01-31 00:00:00', '2024-01-31 00:00:00Z');
  });

  it('applies a declared precision as the reference does, and counts the same', () => {
    const type = { kind: 'datetime', precision: 3, excess: 'round' } as const;
    for (const text of [
      '2024-12-31 23:59:59.9995',
      '2024-12-31 23:59:59.999',
      '2024-12-31 23:59:59.999000',
      '2024-01-01 00:00:00.000001',
    ]) {
      const notes = new ColumnNotes('c');
      expect(written('datetime', type, text, notes)).toBe(bytesOf(type, text));
      expect(notes.counts.precision).toBe(changes(type, text).precision ?? 0);
    }
    expect(() => written('datetime', { kind: 'datetime', precision: 3 }, '2024-01-01 00:00:00.000001')).toThrow(
      expect.objectContaining({ code: 'field-range' }),
    );
  });

  it.each([
    '',
    '2024-01-01',
    '2024-1-01 00:00:00',
    '2024-01-01 00:00',
    '2024-01-01 00:00:00.',
    '2024-01-01 00:00:00.1x',
    '2024-01-01T0:00:000',
    'x024-01-01 00:00:00',
  ])('refuses %j as a date-time', (sent) => {
    expect(() => written('datetime', { kind: 'datetime', precision: 6 }, sent)).toThrow(
      expect.objectContaining({ code: 'field-format' }),
    );
  });

  it.each<[string, ColumnType]>([
    ['int', { kind: 'text' }],
    ['decimal', { kind: 'float64' }],
    ['double', DECIMAL],
    ['datetime', { kind: 'instant', precision: 6 }],
    ['timestamp', { kind: 'datetime', precision: 6 }],
    ['varchar', { kind: 'bytes' }],
    ['blob', { kind: 'json' }],
    ['geometry', { kind: 'bytes' }],
    ['constructor', { kind: 'text' }],
  ])('refuses the undeclared difference in type of %s as %j, before any row', (name, type) => {
    expect(() => fromMysqlText(name, type, new ColumnNotes('c'))).toThrow(
      expect.objectContaining({ code: 'field-type' }),
    );
  });

  it('knows which types it reads', () => {
    expect(['bigint', 'longtext', 'timestamp'].every(isMysqlType)).toBe(true);
    expect(['geometry', 'toString', ''].some(isMysqlType)).toBe(false);
  });
});
