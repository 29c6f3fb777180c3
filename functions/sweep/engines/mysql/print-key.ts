/** Canonical values as the texts that `bind` of their key type takes. */
import { dateOf } from '../../../../shared/canonical/calendar.ts';
import type { CanonicalValue, DateParts } from '../../../../shared/canonical/spelling.ts';

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
/** DECIMAL has 65 digits. */
const MOST_DIGITS = 65;

/** Undefined for a value that MySQL cannot hold: infinity, a year before 0, a number of too many digits. */
export function printForLookup(value: CanonicalValue, isUuid: boolean): string | undefined {
  if (typeof value === 'bigint') return printDecimal(value, 0);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return undefined;
  if (value instanceof Uint8Array) return printBytes(value, isUuid);
  if ('coefficient' in value) return printDecimal(value.coefficient, value.exponent);
  if ('date' in value) return typeof value.date === 'string' ? undefined : printDate(value.date);
  if ('time' in value) return printTime(value.time);
  if ('datetime' in value) return typeof value.datetime === 'string' ? undefined : printDateTime(value.datetime);
  if ('instant' in value) return typeof value.instant === 'string' ? undefined : printInstant(value.instant);
  return undefined;
}

function printBytes(bytes: Uint8Array, isUuid: boolean): string {
  const hex = Buffer.from(bytes).toString('hex');
  return isUuid ? hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5') : hex;
}

function printDecimal(coefficient: bigint, exponent: number): string | undefined {
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString();
  if (digits.length > MOST_DIGITS || Math.abs(exponent) > MOST_DIGITS) return undefined;
  const sign = coefficient < 0n ? '-' : '';
  if (exponent >= 0) return `${sign}${digits}${'0'.repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

const pad = (number: number | bigint, width = 2): string => String(number).padStart(width, '0');

function printDate({ year, month, day }: DateParts): string | undefined {
  return year < 0 || year > 9999 ? undefined : `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
}

function printTime(time: bigint): string {
  const absolute = time < 0n ? -time : time;
  const seconds = absolute / SECOND;
  const clock = `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}`;
  return `${time < 0n ? '-' : ''}${clock}.${pad((absolute % SECOND) / 1000n, 6)}`;
}

function printDateTime(parts: DateParts & { readonly time: bigint }): string | undefined {
  const date = printDate(parts);
  return date && `${date} ${printTime(parts.time)}`;
}

function printInstant(instant: bigint): string | undefined {
  const time = ((instant % DAY) + DAY) % DAY;
  return printDateTime({ ...dateOf(Number((instant - time) / DAY)), time });
}
