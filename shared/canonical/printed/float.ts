import { TAG } from '../tag.ts';
import type { FieldWriter } from '../writer.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
/**
 * Every decimal number of so many digits is another double (IEEE 754: DBL_DIG), so that the nearest one is what was meant; and as a whole number
 * it is a double itself.
 */
const MOST_DIGITS = 15;
/** Powers of ten that are doubles themselves: one division by them rounds once, and rightly (Clinger, How to Read Floating Point Numbers Accurately, 1990). */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** A double as digits, perhaps with a point between them. Exponents, −0, more digits and words are rare. */
export function doubleWriter(rare: FieldWriter): FieldWriter {
  const number = new DataView(new ArrayBuffer(8));
  const bits = new Uint8Array(number.buffer);
  return (source, start, end, target, at) => {
    const first = source[start] === MINUS ? start + 1 : start;
    let value = 0;
    let digits = 0;
    let point = end;
    for (let index = first; index < end; index++) {
      const character = source[index] ?? 0;
      if (character === POINT && point === end && index > first && index < end - 1) {
        point = index;
        continue;
      }
      const digit = character - ZERO;
      if (digit < 0 || digit > 9) return rare(source, start, end, target, at);
      value = value * 10 + digit;
      if (value > 0) digits += 1;
    }
    const power = POWERS[point < end ? end - 1 - point : 0];
    if (digits > MOST_DIGITS || power === undefined || first === end || (value === 0 && first > start)) {
      return rare(source, start, end, target, at);
    }
    const absolute = value / power;
    number.setFloat64(0, first > start ? -absolute : absolute);
    target[at] = TAG.float64;
    target[at + 1] = 8;
    for (let byte = 0; byte < 8; byte++) target[at + 2 + byte] = bits[byte] ?? 0;
    return at + 10;
  };
}
