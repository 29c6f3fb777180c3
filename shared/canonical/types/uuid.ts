import { type CanonicalType, codecOf } from '../codec.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';

const UUID_BYTES = 16;
/** As PostgreSQL reads them (its manual, section 8.12): any case, hyphens after any group of four digits, perhaps in braces. */
const DIGITS = /^[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}$/i;
const BRACES = /^\{(.*)\}$/;
const URN = /^urn:uuid:/i;

/** Sixteen bytes, from any spelling of RFC 9562 and PostgreSQL, or from a `binary(16)` in network order. */
export const UUID: CanonicalType<Uint8Array> = {
  tag: TAG.uuid,
  read: readUuid,
  encode: (value) => value,
  decode: (payload) => {
    if (payload.length !== UUID_BYTES) throw notCanonical('a UUID of another length');
    return new Uint8Array(payload);
  },
};

export const uuid = codecOf(UUID);

function readUuid(spelling: NonNullable<Spelling>, notes: ColumnNotes): Uint8Array {
  if (spelling instanceof Uint8Array) {
    return spelling.length === UUID_BYTES ? spelling : notes.refuse('field-length', '16 bytes');
  }
  if (typeof spelling !== 'string') return notes.refuse('field-type', 'uuid');
  const bare = BRACES.exec(spelling)?.[1] ?? spelling.replace(URN, '');
  if (!DIGITS.test(bare)) notes.refuse('field-format', 'uuid');
  return new Uint8Array(Buffer.from(bare.replaceAll('-', ''), 'hex'));
}
