import type { Codec } from './codec.ts';
import { type Field, fieldBytes, notCanonical } from './field.ts';
import type { ColumnNotes } from './notes.ts';
import type { CanonicalValue, Spelling } from './spelling.ts';
import { TAG } from './tag.ts';

const NOTHING = new Uint8Array(0);

/** The field of a value, NULL or absent. */
export function encodeElement(codec: Codec, spelling: Spelling, notes: ColumnNotes): Uint8Array {
  if (spelling === undefined) return fieldBytes(TAG.absent, NOTHING);
  if (spelling === null) return fieldBytes(TAG.null, NOTHING);
  return fieldBytes(codec.tag, codec.payloadOf(spelling, notes));
}

/** The value of a field: undefined when it is absent, null when it is NULL. A masked value is its token, whatever the type. */
export function decodeElement(codec: Codec, { tag, payload }: Field): CanonicalValue | null | undefined {
  switch (tag) {
    case TAG.absent:
    case TAG.null:
      if (payload.length > 0) throw notCanonical('a NULL with a payload');
      return tag === TAG.null ? null : undefined;
    case TAG.empty:
      if (payload.length !== 1 || payload[0] !== codec.tag) throw notCanonical('an empty value of another type');
      return codec.valueOf(NOTHING);
    case TAG.token:
      return { token: new Uint8Array(payload) };
    case codec.tag:
      if (payload.length === 0) throw notCanonical('an empty value in the place of one');
      return codec.valueOf(payload);
    default:
      throw notCanonical('a field of another type');
  }
}
