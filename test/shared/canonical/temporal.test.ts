import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf, daysOf, exists } from '../../../shared/canonical/calendar.ts';
import { bytesOf, changes, expectDistinct, expectEqual, expectRefused, roundTrip } from './encode.ts';

const INSTANT = { kind: 'instant', precision: 6 } as const;
const DATE = { kind: 'date' } as const;
const TIME = { kind: 'time', precision: 6 } as const;
const DATETIME = { kind: 'datetime', precision: 6 } as const;

describe('calendar', () => {
  it('agrees with the platform on every day that the platform knows', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
        const there = new Date(days * 86_400_000);
        const parts = { year: there.getUTCFullYear(), month: there.getUTCMonth() + 1, day: there.getUTCDate() };
        expect(dateOf(days)).toEqual(parts);
        expect(daysOf(parts)).toBe(days);
      }),
    );
  });

  it('has no 30 February, and a 29th only in leap years', () => {
    const feb29 = (year: number) => exists({ year, month: 2, day: 29 });
    expect([2024, 2000, 0, -4].map(feb29)).toEqual([true, true, true, true]);
    expect([2023, 1900, 2100, -1].map(feb29)).toEqual([false, false, false, false]);
    expect(exists({ year: 2024, month: 0, day: 1 })).toBe(false);
    expect(exists({ year: 2024, month: 13, day: 1 })).toBe(false);
  });
});

describe('instant', () => {
  it('[S06] is a point in time, whatever the zone of its text', () => {
    expectEqual(
      INSTANT,
      '2024-11-03T05:30:00Z',
      '2024-11-03 01:30:00-04',
      '2024-11-03 06:30:00+01:00',
      '2024-11-03T11:00:00.000+0530',
      '2024-11-03 05:30:00.0000000000+00:00:00',
      { instant: 1730611800000000000n },
    );
  });

  it('keeps apart the two half past one of a day when clocks go back', () => {
    expectDistinct(INSTANT, '2024-11-03 01:30:00-04', '2024-11-03 01:30:00-05');
  });

  it('reads back every nanosecond that the precision has, over the range of every engine', () => {
    const nanoseconds = fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n });
    fc.assert(
      fc.property(nanoseconds, fc.integer({ min: 0, max: 9 }), (value, precision) => {
        const unit = 10n ** BigInt(9 - precision);
        const instant = (value / unit) * unit;
        expect(roundTrip({ kind: 'instant', precision }, { instant })).toEqual({ instant });
      }),
    );
  });

  it('agrees with the platform on texts', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(-6e13), max: new Date(2e14) }), (date) => {
        expectEqual({ kind: 'instant', precision: 3 }, date.toISOString(), {
          instant: BigInt(date.getTime()) * 1_000_000n,
        });
      }),
    );
  });

  it('has infinities, years before Christ, and years beyond 9999', () => {
    expectDistinct(
      INSTANT,
      'infinity',
      '-infinity',
      '0044-03-15 12:00:00+00 BC',
      '0044-03-15 12:00:00+00',
      '44444-03-15 12:00:00+00',
    );
    expectEqual(INSTANT, '0044-03-15 12:00:00+00 BC', '-0043-03-15T12:00:00Z');
    expectEqual(INSTANT, '0001-01-01 00:00:00+00 BC', '0000-01-01T00:00:00Z');
    expect(roundTrip(INSTANT, 'infinity')).toEqual({ instant: 'infinity' });
    expect(roundTrip(INSTANT, '-Infinity')).toEqual({ instant: '-infinity' });
  });

  it('refuses more digits than it has, unless told what to do with them; then it counts', () => {
    expectRefused(INSTANT, '2024-12-31T23:59:59.9999999Z', 'field-range');
    const rounded = { ...INSTANT, excess: 'round' } as const;
    const cut = { ...INSTANT, excess: 'truncate' } as const;
    expectEqual(rounded, '2024-12-31T23:59:59.9999999Z', '2025-01-01T00:00:00Z');
    expectEqual(cut, '2024-12-31T23:59:59.9999999Z', '2024-12-31T23:59:59.999999Z');
    expectEqual(rounded, '2024-01-01T00:00:00.0000005Z', '2024-01-01T00:00:00Z');
    expectEqual(rounded, '2024-01-01T00:00:00.0000015Z', '2024-01-01T00:00:00.000002Z');
    expectEqual(cut, '1900-01-01T00:00:00.0000019Z', '1900-01-01T00:00:00.000001Z');
    expect(changes(cut, '2024-01-01T00:00:00.0000001Z', '2024-01-01T00:00:00.1Z')).toEqual({ precision: 1 });
  });

  it('says its precision: a second known to the second is not one known to the microsecond', () => {
    expect(bytesOf({ kind: 'instant', precision: 0 }, '2024-01-01T00:00:00Z')).not.toBe(
      bytesOf(INSTANT, '2024-01-01T00:00:00Z'),
    );
  });

  it('reads a time without a zone, and a plain number, only as declared', () => {
    expectRefused(INSTANT, '2024-01-01 00:00:00');
    expectRefused(INSTANT, '1704067200', 'field-type');
    expectRefused(INSTANT, 1704067200, 'field-type');
    expectRefused(INSTANT, { datetime: { year: 2024, month: 1, day: 1, time: 0n } }, 'field-type');
    expectEqual({ ...INSTANT, zoneless: 'utc' }, '2024-01-01 00:00:00', '2024-01-01T00:00:00Z', {
      datetime: { year: 2024, month: 1, day: 1, time: 0n },
    });
    const epoch = (unit: 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds') => ({ ...INSTANT, epoch: unit });
    expectEqual(epoch('seconds'), '2024-01-01T00:00:00.25Z', '1704067200.25', '1.70406720025e9');
    expectEqual(epoch('milliseconds'), '2024-01-01T00:00:00.25Z', '1704067200250', 1704067200250);
    expectEqual(epoch('microseconds'), '2024-01-01T00:00:00.25Z', 1704067200250000n);
    expectEqual(epoch('nanoseconds'), '2024-01-01T00:00:00.25Z', 1704067200250000000n, '1704067200250000000');
    expectRefused(epoch('seconds'), '1704067200.00000001', 'field-range');
    expectRefused(epoch('seconds'), 'NaN');
  });

  it.each([
    ['2023-02-29T00:00:00Z', 'field-range'],
    ['2024-13-01T00:00:00Z', 'field-range'],
    ['2024-00-01T00:00:00Z', 'field-range'],
    ['2024-01-01T24:00:00Z', 'field-range'],
    ['2024-01-01T00:60:00Z', 'field-range'],
    ['2024-06-30T23:59:60Z', 'field-range'],
    ['2024-01-01T00:00:00+24', 'field-range'],
    ['2024-01-01', 'field-type'],
    ['2024-1-1T00:00:00Z', 'field-type'],
    ['yesterday', 'field-format'],
    ['', 'field-format'],
    ['0000-01-01 00:00:00+00 BC', 'field-format'],
    ['-0001-01-01 00:00:00+00 BC', 'field-format'],
  ])('refuses %s', (text, code) => expectRefused(INSTANT, text, code));
});

describe('date', () => {
  it('[S06] is its parts, in no zone, and reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000, max: 100_000_000 }), (days) => {
        const date = dateOf(days);
        expect(roundTrip(DATE, { date })).toEqual({ date });
      }),
    );
    expect(roundTrip(DATE, '2024-02-29')).toEqual({ date: { year: 2024, month: 2, day: 29 } });
  });

  it('has infinities, years before Christ, and the zero dates of MySQL', () => {
    expectDistinct(
      DATE,
      'infinity',
      '-infinity',
      '0000-00-00',
      '2024-00-00',
      '2024-01-00',
      '0000-01-01',
      '0044-03-15',
      '0044-03-15 BC',
    );
    expectEqual(DATE, '0044-03-15 BC', '-0043-03-15');
    expectEqual(DATE, '0001-12-31 BC', '0000-12-31');
    expect(roundTrip(DATE, '0000-00-00')).toEqual({ date: { year: 0, month: 0, day: 0 } });
    expect(roundTrip(DATE, 'infinity')).toEqual({ date: 'infinity' });
  });

  it.each(['2024-1-1', '24-01-01', '2024-01-01T00:00:00', '2024/01/01', '', 'today'])('refuses %j', (text) =>
    expectRefused(DATE, text),
  );
  it.each(['2024-13-01', '2024-01-32'])('refuses %s', (text) => expectRefused(DATE, text, 'field-range'));
  it('refuses what is no date', () => {
    for (const spelling of [20240101, { instant: 0n }, { time: 0n }]) expectRefused(DATE, spelling, 'field-type');
  });
});

describe('time', () => {
  it('[S06] is a time of day, and reads back, and so is every time of MySQL', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -3_020_399_999_999n, max: 3_020_399_999_999n }), (microseconds) => {
        const time = microseconds * 1000n;
        expect(roundTrip(TIME, { time })).toEqual({ time });
      }),
    );
  });

  it('keeps apart the ends of the day, and what lies beyond it', () => {
    expectDistinct(
      TIME,
      '00:00:00',
      '24:00:00',
      '23:59:59.999999',
      '-838:59:59',
      '838:59:59',
      '-00:00:00.000001',
      '24:00:01',
    );
    expectEqual(TIME, '00:00:00', '-00:00:00', '00:00:00.000');
    expectEqual(TIME, '01:02:03.5', '01:02:03.500000', { time: 3_723_500_000_000n });
  });

  it('cuts digits off as they stand in the text, also of a negative time', () => {
    const cut = { kind: 'time', precision: 0, excess: 'truncate' } as const;
    expectEqual(cut, '-00:00:01', '-00:00:01.9');
    expectEqual(cut, '00:00:01', '00:00:01.9');
    const rounded = { kind: 'time', precision: 0, excess: 'round' } as const;
    expectEqual(rounded, '24:00:00', '23:59:59.5');
    expect(changes(rounded, '23:59:59.5', '00:00:01')).toEqual({ precision: 1 });
    expectRefused(TIME, '00:00:00.0000001', 'field-range');
  });

  it.each(['1:02:03', '01:02', '', '01:02:03Z', '01:02:03+01', 'noon'])('refuses %j', (text) =>
    expectRefused(TIME, text),
  );
  it.each(['00:60:00', '00:00:60'])('refuses %s', (text) => expectRefused(TIME, text, 'field-range'));
});

describe('datetime', () => {
  it('[S06] is the parts of a date and a time, and reads back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_700_000, max: 100_000_000 }),
        fc.bigInt({ min: 0n, max: 86_399_999_999n }),
        (days, time) => {
          const datetime = { ...dateOf(days), time: time * 1000n };
          expect(roundTrip(DATETIME, { datetime })).toEqual({ datetime });
        },
      ),
    );
    expectEqual(DATETIME, '2024-02-29 12:00:00', '2024-02-29T12:00:00.000');
  });

  it('knows no zone: a text with one is another type', () => {
    expectRefused(DATETIME, '2024-02-29 12:00:00Z');
    expectRefused(DATETIME, '2024-02-29 12:00:00+00');
    expectRefused(DATETIME, { instant: 0n }, 'field-type');
  });

  it('has infinities, zero dates and years before Christ', () => {
    expectDistinct(
      DATETIME,
      'infinity',
      '-infinity',
      '0000-00-00 00:00:00',
      '0000-01-01 00:00:00',
      '0044-03-15 00:00:00 BC',
      '0044-03-15 00:00:00',
    );
    expect(roundTrip(DATETIME, '-infinity')).toEqual({ datetime: '-infinity' });
  });

  it('carries a rounded second into the next year, and counts it; a zero date has no next day', () => {
    const rounded = { kind: 'datetime', precision: 6, excess: 'round' } as const;
    expectEqual(rounded, '2024-12-31 23:59:59.9999999', '2025-01-01 00:00:00');
    expect(changes(rounded, '2024-12-31 23:59:59.9999999')).toEqual({ precision: 1 });
    expectRefused(rounded, '2024-00-00 23:59:59.9999999', 'field-range');
  });

  it.each(['2024-02-29', '2024-02-29 12:00', '', 'now'])('refuses %j', (text) => expectRefused(DATETIME, text));
  it.each(['2024-02-29 24:00:00', '2024-02-29 12:60:00'])('refuses %s', (text) =>
    expectRefused(DATETIME, text, 'field-range'),
  );
});
