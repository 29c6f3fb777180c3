import type { EngineType } from '../engine-type.ts';
import { writeHead } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import { trimZeros } from '../rules/scale.ts';
import type { Decimal } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { DECIMAL_KIND } from '../types/decimal.ts';
import type { FieldWriter } from '../writer.ts';
import { int16, uint16 } from './read.ts';

// numeric_send: number of groups, weight of the first one, sign, display scale, 16 bits each; then groups of four digits.
const HEADER_BYTES = 8;
const SIGN = { positive: 0x0000, negative: 0x4000, NaN: 0xc000, Infinity: 0xd000, '-Infinity': 0xf000 } as const;

export const postgresNumeric: EngineType = {
  kinds: ['decimal', 'integer', 'instant'],
  accepts: (declared) => declared.kind !== 'instant' || declared.epoch !== undefined,
  spell: (source, start, end, notes) => spellNumeric(source.subarray(start, end), notes),
  fast: (declared, _notes, rare) =>
    declared.kind === 'decimal' ? numericWriter(declared.scale ?? Number.POSITIVE_INFINITY, rare) : undefined,
};

function spellNumeric(bytes: Uint8Array, notes: ColumnNotes): Decimal {
  if (bytes.length !== HEADER_BYTES + 2 * uint16(bytes, 0)) notes.refuse('field-format', 'numeric');
  const sign = uint16(bytes, 4);
  for (const special of ['NaN', 'Infinity', '-Infinity'] as const) if (sign === SIGN[special]) return { special };
  let digits = 0n;
  for (let at = HEADER_BYTES; at < bytes.length; at += 2) digits = digits * 10_000n + BigInt(uint16(bytes, at));
  return trimZeros(sign === SIGN.negative ? -digits : digits, (int16(bytes, 2) - uint16(bytes, 0) + 1) * 4);
}

/** The groups are those of the canonical form. Only a display scale beyond `scale` may mean digits to round away. */
function numericWriter(scale: number, rare: FieldWriter): FieldWriter {
  return (source, start, end, target, at) => {
    const sign = uint16(source, start + 4);
    const whole = end - start === HEADER_BYTES + 2 * uint16(source, start);
    if (sign > SIGN.negative || uint16(source, start + 6) > scale || !whole) {
      return rare(source, start, end, target, at);
    }
    let first = start + HEADER_BYTES;
    let last = end;
    let weight = int16(source, start + 2);
    while (first < last && uint16(source, first) === 0) {
      first += 2;
      weight -= 1;
    }
    while (last > first && uint16(source, last - 2) === 0) last -= 2;
    if (first === last) {
      target[at] = TAG.decimal;
      target[at + 1] = 1;
      target[at + 2] = DECIMAL_KIND.zero;
      return at + 3;
    }
    const zigzag = weight < 0 ? -weight * 2 - 1 : weight * 2;
    const varint = zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : 3;
    let next = writeHead(target, at, TAG.decimal, 1 + varint + last - first);
    target[next++] = sign === SIGN.negative ? DECIMAL_KIND.negative : DECIMAL_KIND.positive;
    let rest = zigzag;
    for (; rest >= 0x80; rest >>= 7) target[next++] = (rest & 0x7f) | 0x80;
    target[next++] = rest;
    while (first < last) target[next++] = source[first++] ?? 0;
    return next;
  };
}
