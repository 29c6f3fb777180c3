/** How a canonical value of a key reads in a verdict, once it is known that it may be shown. */
import type { CanonicalValue, DateParts, Decimal } from '../canonical/spelling.ts';

const DAY_NANOSECONDS = 86_400_000_000_000n;

/** For the kinds that may name rows; a date before year 1 has the astronomical year of ISO 8601. */
export function keyText(value: CanonicalValue | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object') return String(value);
  if ('coefficient' in value || 'special' in value) return decimalText(value);
  if ('instant' in value) return typeof value.instant === 'bigint' ? instantText(value.instant) : value.instant;
  if ('date' in value) return typeof value.date === 'string' ? value.date : dateText(value.date);
  if ('time' in value) return timeText(value.time);
  if ('datetime' in value) {
    return typeof value.datetime === 'string'
      ? value.datetime
      : `${dateText(value.datetime)}T${timeText(value.datetime.time)}`;
  }
  return '';
}

function decimalText(value: Decimal): string {
  if ('special' in value) return value.special;
  const { coefficient, exponent } = value;
  if (exponent > 40 || exponent < -80) return `${coefficient}e${exponent}`;
  if (exponent >= 0) return `${coefficient}${'0'.repeat(coefficient === 0n ? 0 : exponent)}`;
  const sign = coefficient < 0n ? '-' : '';
  const digits = `${coefficient}`.replace('-', '').padStart(1 - exponent, '0');
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** Instants beyond what a Date holds are given in nanoseconds since 1970. */
function instantText(nanoseconds: bigint): string {
  const days = nanoseconds / DAY_NANOSECONDS - (nanoseconds % DAY_NANOSECONDS < 0n ? 1n : 0n);
  const time = nanoseconds - days * DAY_NANOSECONDS;
  const date = new Date(Number(days) * 86_400_000);
  if (Number.isNaN(date.getTime())) return `${nanoseconds}ns`;
  return `${date.toISOString().slice(0, -'T00:00:00.000Z'.length)}T${timeText(time)}Z`;
}

function dateText({ year, month, day }: DateParts): string {
  const digits = String(Math.abs(year)).padStart(4, '0');
  return `${year < 0 ? '-' : ''}${digits}-${pad(month)}-${pad(day)}`;
}

/** Fractions without zeros at their end; hours may exceed a day, and the whole may be negative. */
function timeText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const seconds = size / 1_000_000_000n;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map(pad).join(':');
  return `${nanoseconds < 0n ? '-' : ''}${clock}${fraction === '' ? '' : `.${fraction}`}`;
}

const pad = (number: number | bigint): string => String(number).padStart(2, '0');
