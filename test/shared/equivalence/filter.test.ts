import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { encodeElement } from '../../../shared/canonical/element.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { codecFor } from '../../../shared/canonical/types.ts';
import { filterOf } from '../../../shared/equivalence/filter.ts';
import type { Comparison } from '../../../shared/equivalence/schema.ts';

function passes(type: ColumnType, where: Comparison, value: Spelling): boolean {
  const field = encodeElement(codecFor(type), value, new ColumnNotes('x'));
  // Not at the beginning: a test must look where it is told.
  const bytes = Uint8Array.of(9, 9, 9, ...field, 9);
  return filterOf(type, where)(bytes, 3, 3 + field.length);
}

const decimal: ColumnType = { kind: 'decimal' };
const instant: ColumnType = { kind: 'instant', precision: 6 };
const date: ColumnType = { kind: 'date' };
const text: ColumnType = { kind: 'text' };

describe('a row filter', () => {
  it.each<[ColumnType, Comparison, Spelling, boolean]>([
    [decimal, { op: '=', value: '1.50' }, '1.5', true],
    [decimal, { op: '=', value: '1.50' }, '1.51', false],
    [decimal, { op: '<', value: '10' }, '9.999', true],
    [decimal, { op: '<', value: '10' }, '1e2', false],
    [decimal, { op: '>', value: '-1' }, '-0.5', true],
    [decimal, { op: '>', value: '-1' }, '-2', false],
    [decimal, { op: '>', value: '1e100' }, 'Infinity', true],
    [decimal, { op: '>', value: 'Infinity' }, 'NaN', true],
    [decimal, { op: '<=', value: '-Infinity' }, '-Infinity', true],
    [{ kind: 'integer' }, { op: '>=', value: '18446744073709551615' }, '18446744073709551615', true],
    [{ kind: 'integer' }, { op: '>', value: '9' }, '10', true],
    [{ kind: 'float64' }, { op: '>', value: '1e300' }, 'NaN', true],
    [{ kind: 'float64' }, { op: '<', value: '0' }, '-1e-300', true],
    [instant, { op: '=', value: '2024-01-01T06:30:00+01:00' }, '2024-01-01T05:30:00Z', true],
    [instant, { op: '>=', value: '2024-01-01T00:00:00Z' }, '2023-12-31T23:59:59.999999Z', false],
    [instant, { op: '>=', value: '2024-01-01T00:00:00Z' }, 'infinity', true],
    [date, { op: '<', value: '0001-01-01' }, '0044-03-15 BC', true],
    [date, { op: '<', value: '2024-02-01' }, '2024-01-31', true],
    [date, { op: '>', value: '2024-02-01' }, '-infinity', false],
    [{ kind: 'datetime', precision: 0 }, { op: '<', value: '2024-02-01 00:00:01' }, '2024-02-01 00:00:00', true],
    [{ kind: 'time', precision: 0 }, { op: '>', value: '23:59:59' }, '24:00:00', true],
    [text, { op: '=', value: '' }, '', true],
    [text, { op: '<', value: 'a' }, 'B', true],
    [text, { op: '<', value: 'a' }, '', true],
    [text, { op: '=', value: 'a' }, 'A', false],
    [text, { op: 'in', values: ['a', 'b'] }, 'b', true],
    [text, { op: 'in', values: ['a', 'b'] }, 'c', false],
    [{ kind: 'bytes', text: 'hex' }, { op: '>', value: '7f' }, Uint8Array.of(0x80), true],
    [{ kind: 'boolean' }, { op: '=', value: true }, 't', true],
  ])('%j %j lets %j pass: %j', (type, where, value, expected) => {
    expect(passes(type, where, value)).toBe(expected);
  });

  it.each([null, undefined])('takes %j for nothing that compares, and for NULL', (missing) => {
    const ops: readonly Comparison[] = [
      { op: '=', value: 'a' },
      { op: '!=', value: 'a' },
      { op: '<', value: 'a' },
      { op: '>=', value: 'a' },
      { op: 'in', values: ['a'] },
      { op: 'is-not-null' },
    ];
    for (const where of ops) expect(passes(text, where, missing)).toBe(false);
    expect(passes(text, { op: 'is-null' }, missing)).toBe(true);
  });

  it('takes an empty text for a value', () => {
    expect(passes(text, { op: 'is-null' }, '')).toBe(false);
    expect(passes(text, { op: '!=', value: 'a' }, '')).toBe(true);
  });
});
