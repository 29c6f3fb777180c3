/** Tables with keys of every kind that data have. */
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { canonical } from './extremes.ts';
import type { LogicalTable, LogicalValue } from './harness.ts';

const ROWS = 201;

/** The same numbers each time: a linear congruential generator (Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** RFC 9562, section 5.4. */
function version4(bytes: Uint8Array): Uint8Array {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

export interface KeyTable {
  readonly kind: string;
  readonly table: LogicalTable;
  readonly unique: boolean;
  /** A key that no row has. */
  readonly missing: readonly LogicalValue[];
}

function tableOf(
  kind: string,
  types: readonly ColumnType[],
  keys: readonly (readonly LogicalValue[])[],
  unique = true,
): KeyTable {
  // The last one is held back, for looking for what is not there.
  const present = keys.slice(0, -1);
  const names = types.map((_, index) => `k${index}`);
  const columns = types.map((type, index) => ({ name: names[index] ?? '', type, nullable: !unique }));
  return {
    kind,
    unique,
    missing: keys.at(-1) ?? [],
    table: {
      name: `keys_${kind.replaceAll(/[^a-z]+/g, '_')}`,
      columns: [...columns, { name: 'payload', type: { kind: 'text' }, nullable: false }],
      key: unique ? names : [],
      rows: present.map((key, index) => [...key, `payload ${index}`]),
    },
  };
}

const many = (make: (index: number) => readonly LogicalValue[], count = ROWS): (readonly LogicalValue[])[] =>
  Array.from({ length: count }, (_, index) => make(index));

export function keyTables(): readonly KeyTable[] {
  const integer: ColumnType = { kind: 'integer' };
  const text: ColumnType = { kind: 'text' };
  const uuid: ColumnType = { kind: 'uuid' };
  const bytes: ColumnType = { kind: 'bytes' };
  const decimal: ColumnType = { kind: 'decimal' };
  const instant: ColumnType = { kind: 'instant', precision: 6 };
  const date: ColumnType = { kind: 'date' };
  const random = numbers(7);
  const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  return [
    tableOf(
      'integers in sequence',
      [integer],
      many((index) => [BigInt(index)]),
    ),
    tableOf(
      'integers with a gap',
      [integer],
      many((index) => [BigInt(index < 100 ? index : 10 ** 12 + index)]),
    ),
    tableOf(
      'integers from both ends',
      [integer],
      [[-(2n ** 63n)], [2n ** 63n - 1n], ...many((index) => [BigInt(index - 100)])],
    ),
    tableOf(
      'a skewed tenant and a number',
      [text, integer],
      many((index) => [index % 10 === 0 ? `tenant ${index % 7}` : 'big tenant', BigInt(index)]),
    ),
    tableOf(
      'texts with a common beginning',
      [text],
      many((index) => [`customer-${String(index * 37).padStart(8, '0')}`]),
    ),
    tableOf(
      'texts of all scripts',
      [text],
      many((index) => [`${['a', 'Z', 'é', 'ж', '日', '😀'][index % 6]}-${index}`]),
    ),
    tableOf(
      'UUIDs',
      [uuid],
      many(() => [version4(randomBytes(16))]),
    ),
    tableOf(
      'byte strings',
      [bytes],
      many((index) => [Uint8Array.of(1, ...randomBytes(1 + (index % 12)), index & 255, index >> 8, 9)]),
    ),
    tableOf(
      'decimals',
      [decimal],
      many((index) => [canonical(decimal, `${index - 50}.${String(index).padStart(4, '0')}`)]),
    ),
    tableOf(
      'instants',
      [instant],
      many((index) => [{ instant: BigInt(index + 24) * 3_600_000_000_000n + 1_000n }]),
    ),
    tableOf(
      'a date and a text',
      [date, text],
      many((index) => [{ date: { year: 2024, month: 1 + (index % 12), day: 1 + (index % 28) } }, `n${index}`]),
    ),
    tableOf('one row', [integer], [[5n], [6n]]),
    tableOf('no row', [integer], [[5n]]),
    tableOf(
      'nothing, with duplicates',
      [integer, text],
      many((index) => [BigInt(index % 9), 'same']),
      false,
    ),
    tableOf(
      'nothing, with NULLs',
      [integer, text],
      many((index) => [index % 3 === 0 ? null : BigInt(index % 5), null]),
      false,
    ),
  ];
}
