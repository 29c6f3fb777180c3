import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { encodeElement } from '../../../shared/canonical/element.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { codecFor } from '../../../shared/canonical/types.ts';
import { createMasks } from '../../../shared/equivalence/mask.ts';
import { EvenSample, planBuckets } from '../../../shared/verdict/buckets.ts';
import { keyOrder } from '../../../shared/verdict/key-order.ts';
import { showKey } from '../../../shared/verdict/shown-key.ts';
import { contractOf } from '../../support/sweep/contract.ts';

const masks = createMasks(new Uint8Array(32).fill(3));
const field = (type: ColumnType, value: Spelling): Uint8Array =>
  encodeElement(codecFor(type), value, new ColumnNotes('x'));
const columnOf = (type: ColumnType, more: object = {}) =>
  contractOf({ key: [], columns: [{ name: 'k', type, ...more }] }).columns;

describe('a shown key', () => {
  it.each<[ColumnType, Spelling, string]>([
    [{ kind: 'integer' }, '-18446744073709551615', '-18446744073709551615'],
    [{ kind: 'decimal' }, '100.0', '100'],
    [{ kind: 'decimal' }, '-0.001', '-0.001'],
    [{ kind: 'decimal' }, '-12.50', '-12.5'],
    [{ kind: 'decimal' }, '1e400', '1e400'],
    [{ kind: 'decimal' }, '0', '0'],
    [{ kind: 'boolean' }, 't', 'true'],
    [{ kind: 'text' }, '<b>é</b>', '<b>é</b>'],
    [{ kind: 'text' }, '', ''],
    [{ kind: 'bytes', text: 'hex' }, 'deadbeef', 'deadbeef'],
    [{ kind: 'uuid' }, '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    [{ kind: 'instant', precision: 9 }, '1969-12-31T23:59:59.999999999Z', '1969-12-31T23:59:59.999999999Z'],
    [{ kind: 'instant', precision: 0 }, '2024-02-29T12:00:00+05:30', '2024-02-29T06:30:00Z'],
    [{ kind: 'instant', precision: 0 }, 'infinity', 'infinity'],
    [{ kind: 'date' }, '0044-03-15 BC', '-0043-03-15'],
    [{ kind: 'date' }, '0000-00-00', '0000-00-00'],
    [{ kind: 'time', precision: 1 }, '24:00:00', '24:00:00'],
    [{ kind: 'time', precision: 1 }, '-838:59:59.5', '-838:59:59.5'],
    [{ kind: 'datetime', precision: 3 }, '2024-02-29 23:59:59.120', '2024-02-29T23:59:59.12'],
  ])('of %j reads as it should: %s', (type, value, expected) => {
    expect(showKey(field(type, value), columnOf(type), masks)).toEqual([{ column: 'k', value: expected }]);
  });

  it.each([
    { class: 'internal', mask: 'none' },
    { class: 'public', mask: 'token' },
    { class: 'pii', mask: 'token' },
  ])('of %j is a token, whether or not it was masked in the row already', (more) => {
    const type: ColumnType = { kind: 'text' };
    const [shown] = showKey(field(type, 'canary'), columnOf(type, { class: 'internal' }), masks);
    expect(shown).toEqual({ column: 'k', token: expect.stringMatching(/^[0-9a-f]{32}$/) });
    const row = new Uint8Array(64);
    row.set(field(type, 'canary'));
    const end = masks.forColumn('k')(row, 0, field(type, 'canary').length);
    expect(showKey(row.subarray(0, end), columnOf(type, more), masks)).toEqual([shown]);
  });
});

describe('the order of keys', () => {
  const integer: ColumnType = { kind: 'integer' };
  const order = keyOrder(columnOf(integer));

  it('is that of their values, not of their bytes', () => {
    const values = [-300n, -1n, 0n, 9n, 127n, 128n, 70_000n];
    const sorted = values
      .toReversed()
      .map((value) => field(integer, value))
      .sort(order);
    expect(sorted).toEqual(values.map((value) => field(integer, value)));
  });

  it('makes buckets that every key has one of, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(200), { maxLength: 300 }),
        fc.array(fc.nat(250), { minLength: 2 }),
        (sample, keys) => {
          const buckets = planBuckets(
            sample.map((value) => field(integer, BigInt(value))),
            order,
          );
          const places = keys.toSorted((a, b) => a - b).map((value) => buckets.of(field(integer, BigInt(value))));
          expect(places).toEqual(places.toSorted((a, b) => a - b));
          for (const place of places)
            expect(place).toSatisfy((bucket: number) => bucket >= 0 && bucket < buckets.count);
          expect(buckets.count).toBeLessThanOrEqual(64);
        },
      ),
    );
  });

  it('gives buckets of about equally many rows', () => {
    const values = Array.from({ length: 6400 }, (_, value) => field(integer, BigInt(value * value)));
    const buckets = planBuckets(
      values.filter((_, index) => index % 10 === 0),
      order,
    );
    const sizes = new Map<number, number>();
    for (const value of values) sizes.set(buckets.of(value), (sizes.get(buckets.of(value)) ?? 0) + 1);
    expect([sizes.size, Math.min(...sizes.values()), Math.max(...sizes.values())]).toEqual([64, 100, 100]);
  });

  it('samples evenly in bounded memory', () => {
    const sample = new EvenSample<number>(64);
    for (let index = 0; index < 100_000; index++) sample.offer(() => index);
    expect(sample.items.length).toBeGreaterThanOrEqual(64);
    expect(sample.items.length).toBeLessThan(128);
    const gaps = sample.items.slice(1).map((item, index) => item - (sample.items[index] ?? 0));
    expect(new Set(gaps).size).toBe(1);
  });
});
