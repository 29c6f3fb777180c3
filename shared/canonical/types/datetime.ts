import { concatenate } from '../bytes.ts';
import { dateOf, daysOf, exists } from '../calendar.ts';
import { type Codec, codecOf } from '../codec.ts';
import type { Declared } from '../column-type.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { DateParts, LocalDateTime, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { DATE_KIND, decodeDateParts, decodeInfinite, encodeDateParts } from './date.ts';
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
import { bigEndian, fromBigEndian, TIME_BYTES } from './time.ts';

const TEXT = new RegExp(`^${DATE_PATTERN}[T ]${TIME_PATTERN}( BC)?$`);

/** A date and a time on the wall, in no zone: the parts of both. A text with a zone is an instant, and refused here. */
export function datetime(declared: Declared<'datetime'>): Codec {
  return codecOf<LocalDateTime>({
    tag: TAG.datetime,
    read: (spelling, notes) => readDateTime(spelling, declared, notes),
    encode: (value) => encodeDateTime(value, declared.precision),
    decode: (payload) => decodeDateTime(payload, declared.precision),
  });
}

function readDateTime(
  spelling: NonNullable<Spelling>,
  declared: Declared<'datetime'>,
  notes: ColumnNotes,
): LocalDateTime {
  if (typeof spelling === 'object' && 'datetime' in spelling) {
    const value = spelling.datetime;
    if (typeof value === 'string') return spelling;
    return { datetime: carried(value, atPrecision(value.time, 9, declared, notes), notes) };
  }
  if (typeof spelling !== 'string') return notes.refuse('field-type', 'datetime');
  const infinite = infiniteOf(spelling);
  if (infinite !== undefined) return { datetime: infinite };
  const match = TEXT.exec(spelling);
  if (match === null) return notes.refuse('field-format', 'datetime');
  const [, sign = '', digits = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', era] =
    match;
  const date = datePartsOf(sign, digits, month, day, era, notes);
  if (Number(hour) > 23) notes.refuse('field-range', 'datetime');
  const seconds = clockSeconds(hour, minute, second, notes);
  return { datetime: carried(date, nanosecondsOf(seconds, fraction, declared, notes), notes) };
}

/** Rounding may end in the next day, which a zero date does not have. */
function carried(
  { year, month, day }: DateParts,
  time: bigint,
  notes: ColumnNotes,
): DateParts & { readonly time: bigint } {
  const date: DateParts = { year, month, day };
  if (time < NANOSECONDS_PER_DAY) return { ...date, time };
  if (!exists(date)) notes.refuse('field-range', 'datetime');
  return { ...dateOf(daysOf(date) + 1), time: time - NANOSECONDS_PER_DAY };
}

/** The date as of its own type, the precision, and the nanoseconds of the day in six bytes, big-endian. */
function encodeDateTime({ datetime: value }: LocalDateTime, precision: number): Uint8Array {
  if (typeof value === 'string') return Uint8Array.of(DATE_KIND[value]);
  return concatenate([encodeDateParts(value), Uint8Array.of(precision), bigEndian(value.time, TIME_BYTES)]);
}

function decodeDateTime(payload: Uint8Array, precision: number): LocalDateTime {
  const infinite = decodeInfinite(payload);
  if (infinite !== undefined) return { datetime: infinite };
  const { parts, length } = decodeDateParts(payload);
  const time = fromBigEndian(payload.subarray(length + 1));
  const exact = time % 10n ** BigInt(9 - precision) === 0n;
  const fits = payload.length === length + 1 + TIME_BYTES && time < NANOSECONDS_PER_DAY;
  if (payload[length] !== precision || !exact || !fits) throw notCanonical('a date-time of another precision');
  return { datetime: { ...parts, time } };
}
