import { fromTwosComplement, toTwosComplement } from '../bytes.ts';
import { daysOf, exists } from '../calendar.ts';
import { type Codec, codecOf } from '../codec.ts';
import type { Declared, EpochUnit } from '../column-type.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { Instant, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { readDecimal } from './decimal.ts';
import {
  atPrecision,
  clockSeconds,
  DATE_PATTERN,
  datePartsOf,
  infiniteOf,
  NANOSECONDS_PER_DAY,
  nanosecondsOf,
  TIME_PATTERN,
} from './temporal-text.ts';

/** First byte of the payload: the declared precision, 0 to 9, or one of the sentinels. */
export const INSTANT_SENTINEL = { infinity: 0xf0, '-infinity': 0xf1 } as const;

const ZONE_PATTERN = String.raw`(Z|z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?`;
const TEXT = new RegExp(`^${DATE_PATTERN}[T ]${TIME_PATTERN} ?${ZONE_PATTERN}( BC)?$`);
const NUMBER = /^[+-]?\d/;
const EPOCH_DIGITS: Readonly<Record<EpochUnit, number>> = {
  seconds: 0,
  milliseconds: 3,
  microseconds: 6,
  nanoseconds: 9,
};

/**
 * A point in time: nanoseconds since 1970 in UTC, and the precision that the contract declares. The offset in a text is applied and
 * forgotten, so that 05:30Z and 06:30+01:00 are equal and two readings of one wall clock on a day of change are not. A text without
 * one, and a plain number, mean something only when the contract says what.
 */
export function instant(declared: Declared<'instant'>): Codec {
  return codecOf<Instant>({
    tag: TAG.instant,
    read: (spelling, notes) => readInstant(spelling, declared, notes),
    encode: (value) => encodeInstant(value, declared.precision),
    decode: (payload) => decodeInstant(payload, declared.precision),
  });
}

function readInstant(spelling: NonNullable<Spelling>, declared: Declared<'instant'>, notes: ColumnNotes): Instant {
  if (typeof spelling === 'object' && 'instant' in spelling) {
    const value = spelling.instant;
    return { instant: typeof value === 'bigint' ? atPrecision(value, 9, declared, notes) : value };
  }
  if (typeof spelling === 'object' && 'datetime' in spelling) {
    if (declared.zoneless === undefined) notes.refuse('field-type', 'instant');
    const value = spelling.datetime;
    if (typeof value === 'string') return { instant: value };
    if (!exists(value)) notes.refuse('field-range', 'instant');
    return { instant: atPrecision(BigInt(daysOf(value)) * NANOSECONDS_PER_DAY + value.time, 9, declared, notes) };
  }
  if (typeof spelling === 'string') {
    const infinite = infiniteOf(spelling);
    if (infinite !== undefined) return { instant: infinite };
    const match = TEXT.exec(spelling);
    if (match !== null) return { instant: instantOf(match, declared, notes) };
    if (!NUMBER.test(spelling)) notes.refuse('field-format', 'instant');
  }
  return { instant: epochInstant(spelling, declared, notes) };
}

function instantOf(match: RegExpExecArray, declared: Declared<'instant'>, notes: ColumnNotes): bigint {
  const [
    ,
    sign = '',
    digits = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    fraction = '',
    zone,
    era,
  ] = match;
  const date = datePartsOf(sign, digits, month, day, era, notes);
  if (!exists(date) || Number(hour) > 23) notes.refuse('field-range', 'instant');
  if (zone === undefined && declared.zoneless === undefined) notes.refuse('field-format', 'instant with a zone');
  const seconds = BigInt(daysOf(date)) * 86_400n + clockSeconds(hour, minute, second, notes);
  return nanosecondsOf(seconds - BigInt(offsetSeconds(zone ?? 'Z', notes)), fraction, declared, notes);
}

function offsetSeconds(zone: string, notes: ColumnNotes): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replaceAll(':', '');
  const [hours = 0, minutes = 0, seconds = 0] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)].map(
    Number,
  );
  if (hours > 23 || minutes > 59 || seconds > 59) notes.refuse('field-range', 'zone');
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

function epochInstant(spelling: NonNullable<Spelling>, declared: Declared<'instant'>, notes: ColumnNotes): bigint {
  if (declared.epoch === undefined) notes.refuse('field-type', 'instant');
  const count = readDecimal(spelling, notes);
  if ('special' in count) return notes.refuse('field-range', 'instant');
  const digits = EPOCH_DIGITS[declared.epoch] - Math.min(count.exponent, 0);
  return atPrecision(count.coefficient * 10n ** BigInt(Math.max(count.exponent, 0)), digits, declared, notes);
}

function encodeInstant({ instant: value }: Instant, precision: number): Uint8Array {
  if (typeof value !== 'bigint') return Uint8Array.of(INSTANT_SENTINEL[value]);
  return Uint8Array.of(precision, ...toTwosComplement(value));
}

function decodeInstant(payload: Uint8Array, precision: number): Instant {
  const [first] = payload;
  if (payload.length === 1 && first === INSTANT_SENTINEL.infinity) return { instant: 'infinity' };
  if (payload.length === 1 && first === INSTANT_SENTINEL['-infinity']) return { instant: '-infinity' };
  const value = fromTwosComplement(payload.subarray(1));
  const exact = value % 10n ** BigInt(9 - precision) === 0n;
  if (first !== precision || payload.length !== 1 + toTwosComplement(value).length || !exact) {
    throw notCanonical('an instant of another precision');
  }
  return { instant: value };
}
