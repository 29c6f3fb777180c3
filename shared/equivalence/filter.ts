/**
 * Filters mean the same in every engine, because they are decided here, on canonical fields, and not by a collation, a time zone or a
 * division of one. What an engine is asked to leave out is only ever a row that would be left out here.
 */

import type { ColumnType } from '../canonical/column-type.ts';
import { encodeElement } from '../canonical/element.ts';
import { readField } from '../canonical/field.ts';
import { ColumnNotes } from '../canonical/notes.ts';
import type { CanonicalValue } from '../canonical/spelling.ts';
import { TAG } from '../canonical/tag.ts';
import { codecFor } from '../canonical/types.ts';
import { compareValues } from './order.ts';
import type { Comparison } from './schema.ts';

/** Whether the field that stands in `bytes` from `start` to `end`, not masked, satisfies the filter. */
export type FieldTest = (bytes: Uint8Array, start: number, end: number) => boolean;

const HOLDS: Readonly<Record<'<' | '<=' | '>' | '>=', (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

export function filterOf(type: ColumnType, where: Comparison): FieldTest {
  const codec = codecFor(type);
  const fieldOf = (value: string | boolean): Uint8Array => encodeElement(codec, value, new ColumnNotes('value'));
  if ('values' in where) {
    const wanted = where.values.map(fieldOf);
    return (bytes, start, end) => wanted.some((field) => same(field, bytes, start, end));
  }
  if (!('value' in where)) {
    return (bytes, start) => isMissing(bytes[start]) === (where.op === 'is-null');
  }
  const wanted = fieldOf(where.value);
  if (where.op === '=') return (bytes, start, end) => same(wanted, bytes, start, end);
  if (where.op === '!=') return (bytes, start, end) => !isMissing(bytes[start]) && !same(wanted, bytes, start, end);
  const holds = HOLDS[where.op];
  const valueAt = (bytes: Uint8Array, start: number): CanonicalValue => {
    const { tag, payload } = readField(bytes, start);
    return codec.valueOf(tag === TAG.empty ? new Uint8Array(0) : payload);
  };
  const bound = valueAt(wanted, 0);
  return (bytes, start) => {
    if (isMissing(bytes[start])) return false;
    const order = compareValues(type, valueAt(bytes, start), bound);
    return order !== undefined && holds(order);
  };
}

const isMissing = (tag: number | undefined): boolean => tag === TAG.null || tag === TAG.absent;

function same(field: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (field.length !== end - start) return false;
  for (let index = 0; index < field.length; index++) if (field[index] !== bytes[start + index]) return false;
  return true;
}
