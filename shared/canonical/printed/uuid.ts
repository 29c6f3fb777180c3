import { TAG } from '../tag.ts';
import type { FieldWriter } from '../writer.ts';

const HYPHEN = 0x2d;
const LENGTH = 36;
/** Indices of the hyphens in RFC 9562's form. */
const HYPHENS = [8, 13, 18, 23];
/** Indices of the upper digit of each byte there. */
const BYTES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/** What a character stands for as a hexadecimal digit; 255: it is none. */
const NIBBLES = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});

/** A UUID in the form in which RFC 9562 prints it. Any other is rare. */
export const uuidWriter =
  (rare: FieldWriter): FieldWriter =>
  (source, start, end, target, at) => {
    if (end - start !== LENGTH || HYPHENS.some((index) => source[start + index] !== HYPHEN)) {
      return rare(source, start, end, target, at);
    }
    let seen = 0;
    for (let byte = 0; byte < BYTES.length; byte++) {
      const index = start + (BYTES[byte] ?? 0);
      const upper = NIBBLES[source[index] ?? 0] ?? 255;
      const lower = NIBBLES[source[index + 1] ?? 0] ?? 255;
      seen |= upper | lower;
      target[at + 2 + byte] = (upper << 4) | lower;
    }
    if (seen > 15) return rare(source, start, end, target, at);
    target[at] = TAG.uuid;
    target[at + 1] = BYTES.length;
    return at + 2 + BYTES.length;
  };
