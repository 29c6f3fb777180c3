import { type Codec, codecOf } from '../codec.ts';
import type { Declared } from '../column-type.ts';
import type { ColumnNotes } from '../notes.ts';
import { trimZeroBytes } from '../rules/padding.ts';
import type { Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';

/** `\x` is PostgreSQL's prefix, `0x` MySQL's. */
const HEX = /^(?:\\x|0x)?((?:[0-9a-fA-F]{2})*)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Byte strings. A text is taken only when the contract declares how it spells them. */
export function byteString(declared: Declared<'bytes'>): Codec {
  return codecOf<Uint8Array>({
    tag: TAG.bytes,
    read: (spelling, notes) => {
      const bytes = readBytes(spelling, declared.text, notes);
      if (declared.padding === undefined) return bytes;
      const trimmed = trimZeroBytes(bytes);
      if (trimmed.changed) notes.changed('padding');
      return trimmed.value;
    },
    encode: (value) => value,
    decode: (payload) => new Uint8Array(payload),
  });
}

function readBytes(
  spelling: NonNullable<Spelling>,
  form: 'hex' | 'base64' | undefined,
  notes: ColumnNotes,
): Uint8Array {
  if (spelling instanceof Uint8Array) return spelling;
  if (typeof spelling !== 'string' || form === undefined) return notes.refuse('field-type', 'bytes');
  if (form === 'hex') {
    const digits = HEX.exec(spelling)?.[1] ?? notes.refuse('field-format', 'hexadecimal');
    return new Uint8Array(Buffer.from(digits, 'hex'));
  }
  const bytes = new Uint8Array(Buffer.from(spelling, 'base64'));
  // The second condition catches bits that the last digit has too many: they would be dropped.
  if (!BASE64.test(spelling) || Buffer.from(bytes).toString('base64') !== spelling)
    notes.refuse('field-format', 'base64');
  return bytes;
}
