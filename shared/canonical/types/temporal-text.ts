/** What the texts of dates and times have in common. */
import type { ColumnNotes } from '../notes.ts';
import { toPrecision } from '../rules/precision.ts';
import type { DateParts, Infinite } from '../spelling.ts';

export const NANOSECONDS_PER_SECOND = 1_000_000_000n;
export const NANOSECONDS_PER_DAY = 86_400n * NANOSECONDS_PER_SECOND;
const NANOSECOND_DIGITS = 9;
/** Beyond every engine: PostgreSQL dates end in 5874897. */
const MAXIMUM_YEAR = 9_999_999;

/** The declared precision of a type with a time in it. */
export interface Precision {
  readonly precision: number;
  readonly excess?: 'round' | 'truncate' | undefined;
}

/** `2024-02-29`, `0044-03-15 BC` and `-0043-03-15` (the same day), `+12024-01-01`. The groups are sign, digits and the rest. */
export const DATE_PATTERN = String.raw`([+-]?)(\d{4,7})-(\d\d)-(\d\d)`;
/** `23:59:59.123456`; the fraction may have any number of digits. */
export const TIME_PATTERN = String.raw`(\d\d):(\d\d):(\d\d)(?:\.(\d+))?`;

export function infiniteOf(text: string): Infinite | undefined {
  const lower = text.toLowerCase();
  if (lower === 'infinity' || lower === '+infinity') return 'infinity';
  return lower === '-infinity' ? '-infinity' : undefined;
}

/** `era` is `BC` or nothing. A year BC counts backwards from 0: 1 BC is year 0. */
export function datePartsOf(
  sign: string,
  digits: string,
  month: string,
  day: string,
  era: string | undefined,
  notes: ColumnNotes,
): DateParts {
  const number = Number(digits);
  const beforeChrist = era !== undefined && era !== '';
  if (beforeChrist && (sign !== '' || number === 0)) notes.refuse('field-format', 'date');
  const year = beforeChrist ? 1 - number : sign === '-' ? 0 - number : number;
  const parts: DateParts = { year: year === 0 ? 0 : year, month: Number(month), day: Number(day) };
  if (parts.month > 12 || parts.day > 31 || number > MAXIMUM_YEAR) notes.refuse('field-range', 'date');
  return parts;
}

/** Whole seconds and a fraction in digits as nanoseconds, at the declared precision. */
export function nanosecondsOf(seconds: bigint, fraction: string, declared: Precision, notes: ColumnNotes): bigint {
  const digits = fraction.length;
  return atPrecision(
    seconds * 10n ** BigInt(digits) + BigInt(fraction === '' ? '0' : fraction),
    digits,
    declared,
    notes,
  );
}

/** A count of 10^−digits seconds as nanoseconds, at the declared precision; counts a change, and refuses one that is not declared. */
export function atPrecision(
  value: bigint,
  digits: number,
  { precision, excess }: Precision,
  notes: ColumnNotes,
): bigint {
  const ruled = toPrecision(value, digits, precision, excess ?? 'round');
  if (ruled.changed) {
    if (excess === undefined) notes.refuse('field-range', `precision ${precision}`);
    notes.changed('precision');
  }
  return ruled.value * 10n ** BigInt(NANOSECOND_DIGITS - precision);
}

/** Seconds of a wall clock; refuses a minute or second of 60. */
export function clockSeconds(hour: string, minute: string, second: string, notes: ColumnNotes): bigint {
  if (Number(minute) > 59 || Number(second) > 59) notes.refuse('field-range', 'time');
  return BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
}
