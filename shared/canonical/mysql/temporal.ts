import { daysOf } from '../calendar.ts';
import type { ColumnType } from '../column-type.ts';
import type { EngineType } from '../engine-type.ts';
import { TAG } from '../tag.ts';
import { writeDateParts, writeInstant, writeTime, writeTimeOfDay } from '../temporal-writer.ts';
import type { FieldWriter } from '../writer.ts';
import { ascii } from './ascii.ts';

const ZERO = 0x30;
const DATE_CHARACTERS = 10;
const TIME_CHARACTERS = 8;

/** DATE: `2024-02-29`, and zero dates. */
export const mysqlDate: EngineType = {
  kinds: ['date'],
  spell: ascii,
  fast: (_declared, _notes, rare) => (source, start, end, target, at) => {
    if (end - start !== DATE_CHARACTERS || !isDate(source, start)) return rare(source, start, end, target, at);
    target[at] = TAG.date;
    return endOf(target, at, writeDay(target, at + 2, source, start));
  },
};

/** TIME: from `-838:59:59.000000` to `838:59:59.000000`. */
export const mysqlTime: EngineType = {
  kinds: ['time'],
  spell: ascii,
  fast: (declared, _notes, rare) => {
    const precision = precisionOf(declared);
    return (source, start, end, target, at) => {
      const nanoseconds = clockAt(source, start, end, precision);
      if (nanoseconds < 0) return rare(source, start, end, target, at);
      return writeTime(target, at, precision, secondsAt(source, start), nanoseconds);
    };
  },
};

/** DATETIME: without a zone. */
export const mysqlDatetime: EngineType = {
  kinds: ['datetime', 'instant'],
  accepts: (declared) => declared.kind !== 'instant' || declared.zoneless !== undefined,
  spell: ascii,
  fast: (declared, _notes, rare) =>
    declared.kind === 'instant' ? instantWriter(declared, rare) : datetimeWriter(declared, rare),
};

/** TIMESTAMP: a point in time, printed in the zone of the session. Its readers set `time_zone = '+00:00'`. */
export const mysqlTimestamp: EngineType = {
  kinds: ['instant'],
  spell: (source, start, end) => `${ascii(source, start, end)}Z`,
  fast: (declared, _notes, rare) => instantWriter(declared, rare),
};

function datetimeWriter(declared: ColumnType, rare: FieldWriter): FieldWriter {
  const precision = precisionOf(declared);
  return (source, start, end, target, at) => {
    const clock = start + DATE_CHARACTERS + 1;
    const nanoseconds = isDate(source, start) ? clockAt(source, clock, end, precision) : -1;
    if (nanoseconds < 0) return rare(source, start, end, target, at);
    target[at] = TAG.datetime;
    const next = writeDay(target, at + 2, source, start);
    target[next] = precision;
    return endOf(target, at, writeTimeOfDay(target, next + 1, secondsAt(source, clock), nanoseconds));
  };
}

function instantWriter(declared: ColumnType, rare: FieldWriter): FieldWriter {
  const precision = precisionOf(declared);
  return (source, start, end, target, at) => {
    const clock = start + DATE_CHARACTERS + 1;
    const nanoseconds = isDate(source, start) ? clockAt(source, clock, end, precision) : -1;
    const day = pair(source, start + 8);
    // Days after the 28th may not exist; months and days of 0 never do.
    if (nanoseconds < 0 || day < 1 || day > 28 || pair(source, start + 5) < 1)
      return rare(source, start, end, target, at);
    const days = daysOf({ year: yearAt(source, start), month: pair(source, start + 5), day });
    return writeInstant(target, at, precision, days * 86_400 + secondsAt(source, clock), nanoseconds);
  };
}

function writeDay(target: Uint8Array, at: number, source: Uint8Array, start: number): number {
  return writeDateParts(target, at, yearAt(source, start), pair(source, start + 5), pair(source, start + 8));
}

function endOf(target: Uint8Array, at: number, end: number): number {
  target[at + 1] = end - at - 2;
  return end;
}

/** Whether `dddd-dd-dd` begins at `at`, with a month up to 12 and a day up to 31. */
function isDate(source: Uint8Array, at: number): boolean {
  const month = pair(source, at + 5);
  const day = pair(source, at + 8);
  return (
    yearAt(source, at) >= 0 &&
    month >= 0 &&
    month <= 12 &&
    day >= 0 &&
    day <= 31 &&
    source[at + 4] === 0x2d &&
    source[at + 7] === 0x2d
  );
}

/** The nanoseconds of `dd:dd:dd` and perhaps a fraction, up to `end`; −1 when it is not that, or needs a rule for its precision. */
function clockAt(source: Uint8Array, at: number, end: number, precision: number): number {
  const digits = end - at - TIME_CHARACTERS - 1;
  if (digits < -1 || digits === 0 || digits > 9 || source[at + 2] !== 0x3a || source[at + 5] !== 0x3a) return -1;
  const [hours, minutes, seconds] = [pair(source, at), pair(source, at + 3), pair(source, at + 6)];
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return -1;
  if (digits === -1) return 0;
  if (source[at + TIME_CHARACTERS] !== 0x2e) return -1;
  let nanoseconds = 0;
  for (let index = 0; index < 9; index++) {
    const digit = index < digits ? (source[at + TIME_CHARACTERS + 1 + index] ?? 0) - ZERO : 0;
    if (digit < 0 || digit > 9 || (digit > 0 && index >= precision)) return -1;
    nanoseconds = nanoseconds * 10 + digit;
  }
  return nanoseconds;
}

/** Seconds of the clock at `at`, which `clockAt` has looked at. */
function secondsAt(source: Uint8Array, at: number): number {
  return pair(source, at) * 3600 + pair(source, at + 3) * 60 + pair(source, at + 6);
}

function yearAt(source: Uint8Array, at: number): number {
  const [century, year] = [pair(source, at), pair(source, at + 2)];
  return century < 0 || year < 0 ? -1 : century * 100 + year;
}

/** The number of two digits at `at`; −1 when they are none. */
function pair(source: Uint8Array, at: number): number {
  const tens = (source[at] ?? 0) - ZERO;
  const ones = (source[at + 1] ?? 0) - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

function precisionOf(declared: ColumnType): number {
  return 'precision' in declared ? declared.precision : 0;
}
