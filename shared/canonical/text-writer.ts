import { isUtf8 } from 'node:buffer';
import type { Declared } from './column-type.ts';
import { lengthBytes, MAXIMUM_PAYLOAD_BYTES, writeHead } from './field.ts';
import type { ColumnNotes } from './notes.ts';
import { TAG } from './tag.ts';
import { copyBytes, type FieldWriter } from './writer.ts';

const SPACE = 0x20;

/** UTF-8 bytes as a text field. A text to which a declared rule may have something to do, and an empty one, are rare. */
export function textWriter(declared: Declared<'text'>, notes: ColumnNotes, rare: FieldWriter): FieldWriter {
  const trims = declared.padding !== undefined;
  const normalizes = declared.normalization !== undefined;
  return (source, start, end, target, at) => {
    const length = end - start;
    if (length === 0 || length > MAXIMUM_PAYLOAD_BYTES || (trims && source[end - 1] === SPACE))
      return rare(source, start, end, target, at);
    const from = at + 1 + lengthBytes(length);
    if (length > 48) {
      const bytes = source.subarray(start, end);
      if (normalizes) return rare(source, start, end, target, at);
      if (!isUtf8(bytes)) notes.refuse('field-characters', 'UTF-8');
      writeHead(target, at, TAG.text, length);
      return copyBytes(source, start, end, target, from);
    }
    let seen = 0;
    for (let offset = 0; offset < length; offset++) {
      const byte = source[start + offset] ?? 0;
      seen |= byte;
      target[from + offset] = byte;
    }
    if (seen >= 0x80) {
      if (normalizes) return rare(source, start, end, target, at);
      if (!isUtf8(source.subarray(start, end))) notes.refuse('field-characters', 'UTF-8');
    }
    target[at] = TAG.text;
    target[at + 1] = length;
    return from + length;
  };
}
