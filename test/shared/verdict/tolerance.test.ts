import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { encodeElement } from '../../../shared/canonical/element.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { codecFor } from '../../../shared/canonical/types.ts';
import { withinTolerance } from '../../../shared/verdict/tolerance.ts';

function near(type: ColumnType, tolerance: string, left: Spelling, right: Spelling): boolean {
  const field = (value: Spelling): Uint8Array => encodeElement(codecFor(type), value, new ColumnNotes('x'));
  return withinTolerance(type, tolerance, field(left), field(right));
}

const decimal: ColumnType = { kind: 'decimal' };
const float64: ColumnType = { kind: 'float64' };
const instant: ColumnType = { kind: 'instant', precision: 9 };
const time: ColumnType = { kind: 'time', precision: 3 };
const datetime: ColumnType = { kind: 'datetime', precision: 3 };

describe('a tolerance', () => {
  it.each<[ColumnType, string, Spelling, Spelling, boolean]>([
    [decimal, '0.01', '1.00', '1.01', true],
    [decimal, '0.01', '1.00', '1.0100000000000000000000000000001', false],
    [decimal, '0.01', '-0.005', '0.005', true],
    [decimal, '0', '1', '1', true],
    [decimal, '0', '1', '2', false],
    [decimal, '5', '1e30', '1e30', true],
    [decimal, '5', '1e30', '1000000000000000000000000000005', true],
    [decimal, '5', '1e30', '1000000000000000000000000000006', false],
    [decimal, '1', 'NaN', 'NaN', true],
    [decimal, '1', 'NaN', '1', false],
    [decimal, '1', 'Infinity', '1', false],
    [decimal, '1', null, '0', false],
    [decimal, '1', undefined, null, false],
    [{ kind: 'integer' }, '3', '18446744073709551615', '18446744073709551612', true],
    [{ kind: 'integer' }, '3', '18446744073709551615', '18446744073709551611', false],
    // 0.1 + 0.2 is not 0.3: by 2⁻⁵⁴ exactly.
    [float64, '0.00000000000000005551115123125783', 0.1 + 0.2, 0.3, true],
    [float64, '0.00000000000000005551115123125782', 0.1 + 0.2, 0.3, false],
    [float64, '0', 0, -0, true],
    [float64, '1', 5e-324, 0, true],
    [float64, '1', Number.MAX_VALUE, -Number.MAX_VALUE, false],
    [float64, '1', Number.NaN, 0, false],
    [float64, '1', Number.POSITIVE_INFINITY, Number.MAX_VALUE, false],
    [instant, '0.5', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.500000000Z', true],
    [instant, '0.5', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.500000001Z', false],
    [instant, '0.5', 'infinity', '2024-01-01T00:00:00Z', false],
    [time, '1', '23:59:59.500', '24:00:00', true],
    [datetime, '1', '2023-12-31 23:59:59.500', '2024-01-01 00:00:00.400', true],
    [datetime, '1', '2023-12-31 23:59:59.500', '2024-01-01 00:00:00.501', false],
    [datetime, '1', '0000-00-00 00:00:00', '0000-01-01 00:00:00', false],
  ])('of %j: %s between %s and %s is %s', (type, tolerance, left, right, expected) => {
    expect(near(type, tolerance, left, right)).toBe(expected);
    expect(near(type, tolerance, right, left)).toBe(expected);
  });

  it('decides as integers do, whatever the scale', () => {
    const small = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(small, small, fc.nat(50), fc.nat(6), (left, right, limit, scale) => {
        const text = (value: number): string => `${value}e-${scale}`;
        const tolerance = (limit / 10 ** scale).toFixed(scale);
        expect(near(decimal, tolerance, text(left), text(right))).toBe(Math.abs(left - right) <= limit);
      }),
    );
  });
});
