/** Canonical values as the texts that engines, and people, write. */
import { dateOf } from '../../../shared/canonical/calendar.ts';
import type { CanonicalValue, DateParts, Decimal, JsonValue } from '../../../shared/canonical/spelling.ts';

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const pad = (number: number | bigint, digits = 2): string => String(number).padStart(digits, '0');

export function printValue(value: CanonicalValue): string {
  if (typeof value === 'bigint' || typeof value === 'boolean' || typeof value === 'string') return String(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (isDecimal(value)) return printDecimal(value);
  if ('instant' in value) return typeof value.instant === 'string' ? value.instant : printInstant(value.instant);
  if ('date' in value) return typeof value.date === 'string' ? value.date : printDate(value.date) + era(value.date);
  if ('time' in value) return printTime(value.time);
  if ('datetime' in value) {
    const parts = value.datetime;
    return typeof parts === 'string' ? parts : `${printDate(parts)} ${printTime(parts.time)}${era(parts)}`;
  }
  if ('json' in value) return printJson(value.json);
  throw new TypeError('No text for this value.');
}

export function isDecimal(value: object): value is Decimal {
  return 'coefficient' in value || 'special' in value;
}

/** In plain digits. */
export function printDecimal(value: Decimal): string {
  if ('special' in value) return value.special;
  const { coefficient, exponent } = value;
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString();
  const sign = coefficient < 0n ? '-' : '';
  if (exponent >= 0) return `${sign}${digits}${'0'.repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

const yearOf = (year: number): number => (year > 0 ? year : 1 - year);
const isZeroDate = ({ month, day }: DateParts): boolean => month === 0 || day === 0;
const printDate = (date: DateParts): string =>
  `${pad(isZeroDate(date) ? date.year : yearOf(date.year), 4)}-${pad(date.month)}-${pad(date.day)}`;
const era = (date: DateParts): string => (date.year > 0 || isZeroDate(date) ? '' : ' BC');

export function printTime(time: bigint): string {
  const absolute = time < 0n ? -time : time;
  const seconds = absolute / SECOND;
  const micros = (absolute % SECOND) / 1000n;
  const clock = `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}`;
  return `${time < 0n ? '-' : ''}${clock}${micros === 0n ? '' : `.${pad(micros, 6)}`}`;
}

function printInstant(instant: bigint): string {
  const time = ((instant % DAY) + DAY) % DAY;
  const date = dateOf(Number((instant - time) / DAY));
  return `${printDate(date)}T${printTime(time)}Z${era(date)}`;
}

export function printJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Map) {
    return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}:${printJson(item)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`;
  if (isDecimal(value)) return printDecimal(value);
  throw new TypeError('No such JSON value.');
}

export const hyphenated = (uuid: Uint8Array): string =>
  Buffer.from(uuid)
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
