import { type CanonicalType, codecOf } from '../codec.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';

/** What PostgreSQL takes for a boolean (its manual, section 8.6), and what MySQL and documents write. */
const TEXTS: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  on: true,
  '1': true,
  false: false,
  f: false,
  no: false,
  n: false,
  off: false,
  '0': false,
};

/** True and false; also as 1 and 0, in text, in a number, or in one byte (`bit(1)`). */
export const BOOLEAN: CanonicalType<boolean> = {
  tag: TAG.boolean,
  read: readBoolean,
  encode: (value) => Uint8Array.of(value ? 1 : 0),
  decode: decodeBoolean,
};

export const boolean = codecOf(BOOLEAN);

function readBoolean(spelling: NonNullable<Spelling>, notes: ColumnNotes): boolean {
  if (typeof spelling === 'boolean') return spelling;
  if (typeof spelling === 'string') {
    const text = spelling.toLowerCase();
    return (Object.hasOwn(TEXTS, text) ? TEXTS[text] : undefined) ?? notes.refuse('field-format', 'boolean');
  }
  const number = spelling instanceof Uint8Array && spelling.length === 1 ? spelling[0] : spelling;
  if (number === 1 || number === 1n) return true;
  if (number === 0 || number === 0n) return false;
  return notes.refuse('field-type', 'boolean');
}

function decodeBoolean(payload: Uint8Array): boolean {
  const [byte] = payload;
  if (payload.length !== 1 || byte === undefined || byte > 1) throw notCanonical('a boolean that is neither');
  return byte === 1;
}
