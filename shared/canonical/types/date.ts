import { concatenate, fromSignedVarint, toSignedVarint } from '../bytes.ts';
import { type CanonicalType, codecOf } from '../codec.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { DateParts, LocalDate, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { DATE_PATTERN, datePartsOf, infiniteOf } from './temporal-text.ts';

/** First byte of the payload. A zero date has a month or a day of 0, and no place in the calendar. */
export const DATE_KIND = { ordinary: 0, zero: 1, infinity: 2, '-infinity': 3 } as const;

const TEXT = new RegExp(`^${DATE_PATTERN}( BC)?$`);

/** A day on a calendar on a wall, in no zone: year, month, day. Never by way of an instant, which would shift it. */
export const DATE: CanonicalType<LocalDate> = {
  tag: TAG.date,
  read: readDate,
  encode: ({ date }) => (typeof date === 'string' ? Uint8Array.of(DATE_KIND[date]) : encodeDateParts(date)),
  decode: (payload) => {
    const infinite = decodeInfinite(payload);
    if (infinite !== undefined) return { date: infinite };
    const { parts, length } = decodeDateParts(payload);
    if (payload.length !== length) throw notCanonical('a date with needless bytes');
    return { date: parts };
  },
};

export const date = codecOf(DATE);

function readDate(spelling: NonNullable<Spelling>, notes: ColumnNotes): LocalDate {
  if (typeof spelling === 'object' && 'date' in spelling) return spelling;
  if (typeof spelling !== 'string') return notes.refuse('field-type', 'date');
  const infinite = infiniteOf(spelling);
  if (infinite !== undefined) return { date: infinite };
  const [matched, sign = '', digits = '', month = '', day = '', era] = TEXT.exec(spelling) ?? [];
  if (matched === undefined) return notes.refuse('field-format', 'date');
  return { date: datePartsOf(sign, digits, month, day, era, notes) };
}

/** Kind, year as a signed varint, month, day. */
export function encodeDateParts({ year, month, day }: DateParts): Uint8Array {
  const kind = month === 0 || day === 0 ? DATE_KIND.zero : DATE_KIND.ordinary;
  return concatenate([Uint8Array.of(kind), toSignedVarint(year), Uint8Array.of(month, day)]);
}

export function decodeInfinite(payload: Uint8Array): 'infinity' | '-infinity' | undefined {
  if (payload.length !== 1) return undefined;
  if (payload[0] === DATE_KIND.infinity) return 'infinity';
  return payload[0] === DATE_KIND['-infinity'] ? '-infinity' : undefined;
}

/** The parts, and how many bytes they took. */
export function decodeDateParts(payload: Uint8Array): { readonly parts: DateParts; readonly length: number } {
  const year = fromSignedVarint(payload.subarray(1));
  const length = 1 + (year?.length ?? 0) + 2;
  const [month, day] = [payload[length - 2], payload[length - 1]];
  if (year === undefined || month === undefined || day === undefined || month > 12 || day > 31) {
    throw notCanonical('a date that cannot be');
  }
  const kind = month === 0 || day === 0 ? DATE_KIND.zero : DATE_KIND.ordinary;
  if (payload[0] !== kind) throw notCanonical('a date of another kind');
  return { parts: { year: year.value, month, day }, length };
}
