import { type Codec, codecOf } from '../codec.ts';
import type { Declared } from '../column-type.ts';
import { notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import { withoutNegativeZero } from '../rules/negative-zero.ts';
import type { Decimal, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { decimalOf } from './decimal.ts';
import { isPrinted } from './float-digits.ts';
import { nearestFloat32 } from './float32-text.ts';

/** The quiet NaN without payload (IEEE 754-2019, section 6.2.1). */
export const NAN64: Uint8Array = Uint8Array.of(0x7f, 0xf8, 0, 0, 0, 0, 0, 0);
export const NAN32: Uint8Array = Uint8Array.of(0x7f, 0xc0, 0, 0);

/**
 * Binary floating point: the bits of IEEE 754, big-endian. A text is the nearest value to its decimal number, if that number is what the value
 * is at so many digits; more digits than it has are a number that the type does not hold, and refused. Every NaN is written with the
 * same bits, because engines print no others; −0 and 0 differ, unless the contract declares `negativeZero: zero`.
 */
export function float(declared: Declared<'float32' | 'float64'>): Codec {
  const wide = declared.kind === 'float64';
  return codecOf<number>({
    tag: wide ? TAG.float64 : TAG.float32,
    read: (spelling, notes) => {
      const value = readFloat(spelling, wide, notes);
      if (declared.negativeZero === undefined) return value;
      const ruled = withoutNegativeZero(value);
      if (ruled.changed) notes.changed('negative-zero');
      return ruled.value;
    },
    encode: (value) => (wide ? encode64(value) : encode32(value)),
    decode: (payload) => decodeFloat(payload, wide),
  });
}

function readFloat(spelling: NonNullable<Spelling>, wide: boolean, notes: ColumnNotes): number {
  if (typeof spelling === 'string') {
    const double = Number(spelling);
    // The shortest text, which most engines print.
    if (String(double) === spelling && (wide || Math.fround(double) === double)) return double;
    const exact = decimalOf(spelling) ?? notes.refuse('field-format', 'float');
    return nearest(spelling, exact, wide) ?? notes.refuse('field-range', wide ? 'float64' : 'float32');
  }
  if (typeof spelling === 'number') {
    const exact = wide || Number.isNaN(spelling) || Object.is(Math.fround(spelling), spelling);
    // A double that is not a float32 is another value, and choosing the nearest would be a coercion.
    return exact ? spelling : notes.refuse('field-type', 'float32');
  }
  return notes.refuse('field-type', 'float');
}

/** Undefined when the number is too large, or so small that only zero is near, or lies between two values of the type. */
function nearest(text: string, exact: Decimal, wide: boolean): number | undefined {
  if ('special' in exact) return Number(exact.special);
  const value = wide ? Number(text) : nearestFloat32(text, exact);
  return Number.isFinite(value) && isPrinted(value, exact) ? value : undefined;
}

function encode64(value: number): Uint8Array {
  if (Number.isNaN(value)) return NAN64;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function encode32(value: number): Uint8Array {
  if (Number.isNaN(value)) return NAN32;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value);
  return bytes;
}

function decodeFloat(payload: Uint8Array, wide: boolean): number {
  if (payload.length !== (wide ? 8 : 4)) throw notCanonical('a float of another width');
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const value = wide ? view.getFloat64(0) : view.getFloat32(0);
  const bytes = wide ? encode64(value) : encode32(value);
  if (Buffer.compare(bytes, payload) !== 0) throw notCanonical('a NaN of other bits');
  return value;
}
