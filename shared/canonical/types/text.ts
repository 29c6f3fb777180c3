import { isUtf8 } from 'node:buffer';
import { type Codec, codecOf } from '../codec.ts';
import type { Declared } from '../column-type.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import { normalizeNfc } from '../rules/nfc.ts';
import { trimSpaces } from '../rules/padding.ts';
import type { Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';

/**
 * The UTF-8 bytes of a text, exactly: no collation, no case, no normalization unless declared. Bytes are taken as UTF-8. A lone
 * surrogate has no UTF-8 form, and would become U+FFFD like any other: it is refused.
 */
export function text(declared: Declared<'text'>): Codec {
  return codecOf<string>({
    tag: TAG.text,
    read: (spelling, notes) => applyRules(readText(spelling, notes), declared, notes),
    encode: encodeText,
    decode: decodeText,
  });
}

function applyRules(read: string, declared: Declared<'text'>, notes: ColumnNotes): string {
  let value = read;
  if (declared.normalization !== undefined) {
    const normalized = normalizeNfc(value);
    if (normalized.changed) notes.changed('nfc');
    value = normalized.value;
  }
  if (declared.padding !== undefined) {
    const trimmed = trimSpaces(value);
    if (trimmed.changed) notes.changed('padding');
    value = trimmed.value;
  }
  return value;
}

export function readText(spelling: NonNullable<Spelling>, notes: ColumnNotes): string {
  if (typeof spelling === 'string') {
    return spelling.isWellFormed() ? spelling : notes.refuse('field-characters', 'no lone surrogate');
  }
  if (spelling instanceof Uint8Array) {
    if (!isUtf8(spelling)) notes.refuse('field-characters', 'UTF-8');
    return Buffer.from(spelling.buffer, spelling.byteOffset, spelling.byteLength).toString('utf8');
  }
  return notes.refuse('field-type', 'text');
}

export function encodeText(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function decodeText(payload: Uint8Array): string {
  if (!isUtf8(payload)) throw notCanonical('a text that is not UTF-8');
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}
