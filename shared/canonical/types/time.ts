import { type Codec, codecOf } from '../codec.ts';
import type { Declared } from '../column-type.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { LocalTime, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { atPrecision, clockSeconds, NANOSECONDS_PER_DAY, nanosecondsOf } from './temporal-text.ts';

/** First byte of the payload. A PostgreSQL time ends with 24:00:00; a MySQL time is a duration from −838:59:59 to 838:59:59. */
export const TIME_KIND = { ordinary: 0, endOfDay: 1, beyond: 2, negative: 3 } as const;
/** Nanoseconds within a day take six bytes; others get eight. */
export const TIME_BYTES = 6;
const BEYOND_BYTES = 8;

const TEXT = /^(-?)(\d{2,3}):(\d\d):(\d\d)(?:\.(\d+))?$/;

/** A time on a clock on a wall, in no zone. */
export function time(declared: Declared<'time'>): Codec {
  return codecOf<LocalTime>({
    tag: TAG.time,
    read: (spelling, notes) => readTime(spelling, declared, notes),
    encode: (value) => encodeTime(value, declared.precision),
    decode: (payload) => decodeTime(payload, declared.precision),
  });
}

function readTime(spelling: NonNullable<Spelling>, declared: Declared<'time'>, notes: ColumnNotes): LocalTime {
  if (typeof spelling === 'object' && 'time' in spelling) {
    return signed(spelling.time < 0n, atPrecision(magnitude(spelling.time), 9, declared, notes));
  }
  if (typeof spelling !== 'string') return notes.refuse('field-type', 'time');
  const [matched, sign, hour = '', minute = '', second = '', fraction = ''] = TEXT.exec(spelling) ?? [];
  if (matched === undefined) return notes.refuse('field-format', 'time');
  const seconds = clockSeconds(hour, minute, second, notes);
  // Digits are cut off from the magnitude, as they stand in the text.
  return signed(sign === '-', nanosecondsOf(seconds, fraction, declared, notes));
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
const signed = (negative: boolean, value: bigint): LocalTime => ({ time: negative ? -value : value });

function kindOf(value: bigint): number {
  if (value < 0n) return TIME_KIND.negative;
  if (value < NANOSECONDS_PER_DAY) return TIME_KIND.ordinary;
  return value === NANOSECONDS_PER_DAY ? TIME_KIND.endOfDay : TIME_KIND.beyond;
}

/** Kind, precision, and the nanoseconds, big-endian; without a sign, which the kind has. */
function encodeTime({ time: value }: LocalTime, precision: number): Uint8Array {
  const kind = kindOf(value);
  const digits = kind === TIME_KIND.ordinary || kind === TIME_KIND.endOfDay ? TIME_BYTES : BEYOND_BYTES;
  return Uint8Array.of(kind, precision, ...bigEndian(magnitude(value), digits));
}

function decodeTime(payload: Uint8Array, precision: number): LocalTime {
  const absolute = fromBigEndian(payload.subarray(2));
  const value = payload[0] === TIME_KIND.negative ? -absolute : absolute;
  const again = encodeTime({ time: value }, precision);
  if (Buffer.compare(again, payload) !== 0 || value % 10n ** BigInt(9 - precision) !== 0n) {
    throw notCanonical('a time of another kind or precision');
  }
  return { time: value };
}

export function bigEndian(value: bigint, length: number): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex'));
}

export function fromBigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
