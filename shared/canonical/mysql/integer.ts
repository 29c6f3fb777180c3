import type { EngineType } from '../engine-type.ts';
import { booleanWriter } from '../printed/boolean.ts';
import type { Spelling } from '../spelling.ts';
import { type FieldWriter, writeInteger } from '../writer.ts';
import { ascii } from './ascii.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
/** Digits of which the upper ten and the lower nine can be computed with in doubles, to a signed word of 64 bits. */
const MOST_DIGITS = 18;

/** All integers, signed and unsigned, and YEAR: decimal digits. An unsigned 2⁶⁴ − 1 is digits like any other. */
export const mysqlInteger: EngineType = {
  kinds: ['integer', 'decimal', 'boolean', 'instant'],
  accepts: (declared) => declared.kind !== 'instant' || declared.epoch !== undefined,
  spell: (source, start, end): Spelling => ascii(source, start, end),
  fast: (declared, _notes, rare) => {
    if (declared.kind === 'integer') return integerWriter(rare);
    return declared.kind === 'boolean' ? booleanWriter(rare) : undefined;
  },
};

function integerWriter(rare: FieldWriter): FieldWriter {
  return (source, start, end, target, at) => {
    const negative = source[start] === MINUS;
    const first = negative ? start + 1 : start;
    if (end === first || end - first > MOST_DIGITS) return rare(source, start, end, target, at);
    const middle = Math.max(first, end - 9);
    const upper = digits(source, first, middle);
    const lower = digits(source, middle, end);
    if (upper < 0 || lower < 0) return rare(source, start, end, target, at);
    // upper · 10⁹ + lower, in words of 32 bits: upper has nine digits at most, so that its halves times 10⁹ are exact.
    const coarse = upper >>> 16;
    const fine = (upper & 0xffff) * 1e9 + lower;
    const shifted = coarse * 1e9;
    const sum = (shifted % 0x1_0000) * 0x1_0000 + fine;
    let low = (sum % 2 ** 32) | 0;
    let high = Math.floor(shifted / 0x1_0000) + Math.floor(sum / 2 ** 32);
    if (negative) {
      low = -low | 0;
      high = ~high + (low === 0 ? 1 : 0);
    }
    return writeInteger(target, at, high, low);
  };
}

/** The number of up to nine digits; negative when there is another character among them. */
function digits(source: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (source[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** bit(n): big-endian bytes, unsigned. */
export const mysqlBit: EngineType = {
  kinds: ['boolean', 'integer'],
  spell: (source, start, end, notes): Spelling => {
    // bit(1) is one byte; as a number, a byte of zeros keeps it from being negative.
    if (end - start > 8) return notes.refuse('field-format', 'bit');
    return end - start === 1 && (source[start] ?? 0) < 0x80
      ? source.subarray(start, end)
      : Uint8Array.of(0, ...source.subarray(start, end));
  },
};
