/** Dates and times as fields, from numbers: no text, no BigInt. They give what types/ gives. */
import { dateOf } from './calendar.ts';
import { TAG } from './tag.ts';
import { DATE_KIND } from './types/date.ts';
import { TIME_KIND } from './types/time.ts';
import { writeTwosComplement } from './writer.ts';

const SECONDS_PER_DAY = 86_400;

/** `days` since 1970-01-01, in the calendar: a day of 0 or 30 February does not come here. */
export function writeDate(target: Uint8Array, at: number, days: number): number {
  const next = writeCalendarDay(target, at + 2, days);
  target[at] = TAG.date;
  target[at + 1] = next - at - 2;
  return next;
}

/** `seconds` of a day, and `nanoseconds` beyond them. */
export function writeTime(
  target: Uint8Array,
  at: number,
  precision: number,
  seconds: number,
  nanoseconds: number,
): number {
  target[at] = TAG.time;
  target[at + 1] = 8;
  target[at + 2] = TIME_KIND.ordinary;
  target[at + 3] = precision;
  return writeTimeOfDay(target, at + 4, seconds, nanoseconds);
}

/** `seconds` since 1970-01-01 on the same clock on the wall, and `nanoseconds` beyond them. */
export function writeDateTime(
  target: Uint8Array,
  at: number,
  precision: number,
  seconds: number,
  nanoseconds: number,
): number {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  let next = writeCalendarDay(target, at + 2, days);
  target[next++] = precision;
  next = writeTimeOfDay(target, next, seconds - days * SECONDS_PER_DAY, nanoseconds);
  target[at] = TAG.datetime;
  target[at + 1] = next - at - 2;
  return next;
}

/** `seconds` since 1970 in UTC, up to 9.4 · 10¹² in magnitude (the year 297 000), and `nanoseconds` beyond them. */
export function writeInstant(
  target: Uint8Array,
  at: number,
  precision: number,
  seconds: number,
  nanoseconds: number,
): number {
  // seconds · 10⁹ + nanoseconds = upper · 2²⁰ + lower, each of them exact in a double; then in words of 32 bits.
  const coarse = Math.floor(seconds / 2 ** 20);
  const upper = coarse * 1e9;
  const lower = (seconds - coarse * 2 ** 20) * 1e9 + nanoseconds;
  const shifted = Math.floor(upper / 2 ** 12);
  const sum0 = (upper - shifted * 2 ** 12) * 2 ** 20 + lower;
  const carry0 = Math.floor(sum0 / 2 ** 32);
  const sum1 = shifted + carry0;
  const carry1 = Math.floor(sum1 / 2 ** 32);
  const word0 = (sum0 - carry0 * 2 ** 32) | 0;
  const word1 = (sum1 - carry1 * 2 ** 32) | 0;
  const next = writeWords(target, at + 3, carry1, word1, word0);
  target[at] = TAG.instant;
  target[at + 1] = next - at - 2;
  target[at + 2] = precision;
  return next;
}

function writeWords(target: Uint8Array, at: number, word2: number, word1: number, word0: number): number {
  if (word2 === word1 >> 31) return writeTwosComplement(target, at, word1, word0);
  const next = writeTwosComplement(target, at, word2, word1);
  target[next] = word0 >> 24;
  target[next + 1] = word0 >> 16;
  target[next + 2] = word0 >> 8;
  target[next + 3] = word0;
  return next + 4;
}

function writeCalendarDay(target: Uint8Array, at: number, days: number): number {
  const { year, month, day } = dateOf(days);
  return writeDateParts(target, at, year, month, day);
}

/** As `encodeDateParts` in types/date.ts. */
export function writeDateParts(target: Uint8Array, at: number, year: number, month: number, day: number): number {
  let next = at;
  target[next++] = month === 0 || day === 0 ? DATE_KIND.zero : DATE_KIND.ordinary;
  let zigzag = year < 0 ? -year * 2 - 1 : year * 2;
  for (; zigzag >= 0x80; zigzag >>= 7) target[next++] = (zigzag & 0x7f) | 0x80;
  target[next++] = zigzag;
  target[next++] = month;
  target[next++] = day;
  return next;
}

/** Nanoseconds of the day in six bytes, big-endian. */
export function writeTimeOfDay(target: Uint8Array, at: number, seconds: number, nanoseconds: number): number {
  const time = seconds * 1e9 + nanoseconds;
  const high = Math.floor(time / 2 ** 32);
  const low = (time - high * 2 ** 32) | 0;
  target[at] = high >> 8;
  target[at + 1] = high;
  target[at + 2] = low >> 24;
  target[at + 3] = low >> 16;
  target[at + 4] = low >> 8;
  target[at + 5] = low;
  return at + 6;
}
