import type { EngineType } from '../engine-type.ts';
import { doubleWriter } from '../printed/float.ts';
import { TAG } from '../tag.ts';
import { DECIMAL_KIND } from '../types/decimal.ts';
import type { FieldWriter } from '../writer.ts';
import { ascii } from './ascii.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
/** DECIMAL has 65 digits at most; more would need a longer length. */
const MOST_CHARACTERS = 80;

/** DECIMAL: digits with a point, its scale always written out. */
export const mysqlDecimal: EngineType = {
  kinds: ['decimal', 'integer', 'instant'],
  accepts: (declared) => declared.kind !== 'instant' || declared.epoch !== undefined,
  // `12.00` is 12, also for a column that the contract calls an integer.
  spell: (source, start, end) => ascii(source, start, end).replace(/\.0*$/, ''),
  fast: (declared, _notes, rare) =>
    declared.kind === 'decimal' ? decimalWriter(declared.scale ?? Number.POSITIVE_INFINITY, rare) : undefined,
};

/** FLOAT and DOUBLE: a FLOAT must be selected as `column + 0e0`, because MySQL prints six digits of it. */
export const mysqlFloat: EngineType = {
  kinds: ['float32', 'float64'],
  spell: ascii,
  fast: (declared, _notes, rare) => (declared.kind === 'float64' ? doubleWriter(rare) : undefined),
};

/** Digits into groups of four around the point, as `encodeDecimal` in types/decimal.ts gives them. */
function decimalWriter(scale: number, rare: FieldWriter): FieldWriter {
  return (source, start, end, target, at) => {
    const first = source[start] === MINUS ? start + 1 : start;
    const point = pointOf(source, first, end);
    if (point === undefined || point === first || end - start > MOST_CHARACTERS) {
      return rare(source, start, end, target, at);
    }
    // The indices of the outermost digits that are not zero.
    let left = first;
    while (left < end && (source[left] === ZERO || left === point)) left += 1;
    if (left === end) {
      target[at] = TAG.decimal;
      target[at + 1] = 1;
      target[at + 2] = DECIMAL_KIND.zero;
      return at + 3;
    }
    let right = end - 1;
    while (source[right] === ZERO || right === point) right -= 1;
    if (right - point > scale) return rare(source, start, end, target, at);

    const weight = placeOf(left, point) >> 2;
    const lowest = placeOf(right, point) >> 2;
    target[at] = TAG.decimal;
    target[at + 2] = first > start ? DECIMAL_KIND.negative : DECIMAL_KIND.positive;
    target[at + 3] = weight < 0 ? -weight * 2 - 1 : weight * 2;
    let next = at + 4;
    for (let group = weight; group >= lowest; group--) {
      let value = 0;
      for (let place = group * 4 + 3; place >= group * 4; place--) {
        const index = place >= 0 ? point - 1 - place : point - place;
        value = value * 10 + (index >= left && index <= right ? (source[index] ?? ZERO) - ZERO : 0);
      }
      target[next++] = value >> 8;
      target[next++] = value;
    }
    target[at + 1] = next - at - 2;
    return next;
  };
}

/** The power of ten that the digit at `index` counts. */
function placeOf(index: number, point: number): number {
  return index < point ? point - 1 - index : point - index;
}

/** The index of the point, or of the end where there is none; undefined when something else than digits is there. */
function pointOf(source: Uint8Array, first: number, end: number): number | undefined {
  let point = end;
  for (let index = first; index < end; index++) {
    const character = source[index] ?? 0;
    if (character === POINT && point === end) point = index;
    else if (character < ZERO || character > ZERO + 9) return undefined;
  }
  return point;
}
