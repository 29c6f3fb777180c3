import { fromTwosComplement, toTwosComplement } from '../bytes.ts';
import { type CanonicalType, codecOf } from '../codec.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';

const PLAIN = /^[+-]?\d+$/;

/** Whole numbers of any width. Text is plain digits; bytes are big-endian two's complement; a double must be whole and below 2⁵³. */
export const INTEGER: CanonicalType<bigint> = {
  tag: TAG.integer,
  read: readInteger,
  encode: toTwosComplement,
  decode: decodeInteger,
};

export const integer = codecOf(INTEGER);

function readInteger(spelling: NonNullable<Spelling>, notes: ColumnNotes): bigint {
  if (typeof spelling === 'bigint') return spelling;
  if (typeof spelling === 'string') {
    if (!PLAIN.test(spelling)) notes.refuse('field-format', 'integer');
    // BigInt() takes no sign but a minus.
    return BigInt(spelling.startsWith('+') ? spelling.slice(1) : spelling);
  }
  if (typeof spelling === 'number') {
    // Beyond 2⁵³ the digits that the engine had may be gone already.
    if (!Number.isSafeInteger(spelling)) notes.refuse('field-type', 'integer');
    return BigInt(spelling);
  }
  if (spelling instanceof Uint8Array) {
    if (spelling.length === 0) notes.refuse('field-format', 'integer');
    return fromTwosComplement(spelling);
  }
  if (typeof spelling === 'object' && 'coefficient' in spelling) {
    if (spelling.exponent < 0) notes.refuse('field-type', 'integer');
    return spelling.coefficient * 10n ** BigInt(spelling.exponent);
  }
  return notes.refuse('field-type', 'integer');
}

function decodeInteger(payload: Uint8Array): bigint {
  const value = fromTwosComplement(payload);
  if (payload.length !== toTwosComplement(value).length) throw notCanonical('an integer with needless bytes');
  return value;
}
