/** Two tables, a contract, and what is true of them. The peers named beside some take them for equal. */
import type { Verdict } from '../../../../shared/verdict/schema.ts';
import type { ContractDraft } from '../contract.ts';
import type { PlainTable } from './plain.ts';

export interface Scene {
  readonly name: string;
  readonly source: PlainTable;
  readonly target: PlainTable;
  /** Without the types of engines, which are added. */
  readonly contract: Pick<ContractDraft, 'key' | 'columns' | 'filters'> & {
    /** Filters of one side. */
    readonly own?: Partial<Record<'source' | 'target', NonNullable<ContractDraft['source']>['filters']>>;
  };
  readonly counts: { readonly missing: number; readonly extra: number; readonly changed: number };
  /** Of every row that changed. */
  readonly columns?: readonly string[];
  /** What else the verdict must say. */
  readonly says?: (verdict: Verdict) => unknown;
  readonly said?: unknown;
}

const INTEGER = { kind: 'integer' } as const;
const TEXT = { kind: 'text' } as const;
const EQUAL = { missing: 0, extra: 0, changed: 0 };
const CHANGED = { ...EQUAL, changed: 1 };

const abc = { id: 'integer', a: 'text', b: 'text' } as const;
const rows = (...all: PlainTable['rows']): PlainTable => ({ columns: abc, key: ['id'], rows: all });
const keyless = (...all: PlainTable['rows']): PlainTable => ({ columns: abc, key: [], rows: all });
const byId: Scene['contract'] = {
  key: ['id'],
  columns: [
    { name: 'id', type: INTEGER },
    { name: 'a', type: TEXT },
    { name: 'b', type: TEXT },
  ],
};
const noKey: Scene['contract'] = { ...byId, key: [] };
const others: PlainTable['rows'] = [
  [8, 'eight', 'ocho'],
  [9, 'nine', null],
];
const longKey = (end: string): string => `${'long '.repeat(50)}${end}`;
const named = (...all: PlainTable['rows']): PlainTable => ({
  columns: { name: 'text', n: 'integer', note: 'text' },
  key: ['name', 'n'],
  rows: all,
});
const byName: Scene['contract'] = {
  key: ['name', 'n'],
  columns: [
    { name: 'name', type: TEXT },
    { name: 'n', type: INTEGER },
    { name: 'note', type: TEXT },
  ],
};
const first = ({ divergences }: Verdict) => divergences.list[0];

export const SCENES: readonly Scene[] = [
  {
    // reladiff 0.6 joins columns with a bar.
    name: 'a bar that moves from one column to the next',
    source: rows([1, 'a|b', 'c'], ...others),
    target: rows([1, 'a', 'b|c'], ...others),
    contract: byId,
    counts: CHANGED,
    columns: ['a', 'b'],
  },
  {
    // DVT joins columns with nothing, and trims them.
    name: 'letters that move from one column to the next, and a space',
    source: rows([1, 'ab', 'c '], ...others),
    target: rows([1, 'a', 'bc'], ...others),
    contract: byId,
    counts: CHANGED,
    columns: ['a', 'b'],
  },
  {
    name: 'a NULL and an empty text that change places',
    source: rows([1, null, ''], ...others),
    target: rows([1, '', null], ...others),
    contract: byId,
    counts: CHANGED,
    columns: ['a', 'b'],
  },
  {
    // pt-table-checksum's XOR of CRC32.
    name: 'values of equal length that change rows',
    source: rows([1, 'same', 'x'], [2, 'emas', 'x'], ...others),
    target: rows([1, 'emas', 'x'], [2, 'same', 'x'], ...others),
    contract: byId,
    counts: { ...EQUAL, changed: 2 },
    columns: ['a'],
  },
  {
    name: 'two pairs of rows that cancel out',
    source: rows([1, 'p', 'x'], [2, 'p', 'x'], [3, 'q', 'x'], [4, 'q', 'x'], ...others),
    target: rows([1, 'q', 'x'], [2, 'q', 'x'], [3, 'p', 'x'], [4, 'p', 'x'], ...others),
    contract: byId,
    counts: { ...EQUAL, changed: 4 },
    columns: ['a'],
  },
  {
    name: 'the same rows in another order',
    source: rows([1, 'one', null], [2, 'two', ''], ...others),
    target: rows(...others, [2, 'two', ''], [1, 'one', null]),
    contract: byId,
    counts: EQUAL,
  },
  {
    name: 'one of each kind',
    source: rows([1, 'one', 'x'], [2, 'two', 'x'], ...others),
    target: rows([2, 'two', 'y'], [3, 'three', 'x'], ...others),
    contract: byId,
    counts: { missing: 1, extra: 1, changed: 1 },
    columns: ['b'],
  },
  {
    name: 'a row three times and once',
    source: keyless([1, 'one', 'x'], [1, 'one', 'x'], [1, 'one', 'x'], ...others),
    target: keyless([1, 'one', 'x'], ...others),
    contract: noKey,
    counts: { ...EQUAL, missing: 2 },
    says: (verdict) => first(verdict)?.times,
    said: 2,
  },
  {
    name: 'a row once and three times, under a key that is not unique',
    source: keyless([1, 'one', 'x'], ...others),
    target: keyless([1, 'one', 'x'], [1, 'one', 'x'], [1, 'one', 'x'], ...others),
    contract: byId,
    counts: { ...EQUAL, extra: 2 },
    says: (verdict) => [first(verdict)?.rows, verdict.key.unique.target],
    said: [{ source: 1, target: 3 }, 'violated'],
  },
  {
    name: 'two rows of one key that change places with two others',
    source: keyless([1, 'one', 'x'], [1, 'uno', 'y'], ...others),
    target: keyless([1, 'one', 'y'], [1, 'uno', 'x'], ...others),
    contract: byId,
    counts: { missing: 2, extra: 2, changed: 0 },
    says: ({ key }) => key.unique,
    said: { source: 'violated', target: 'violated' },
  },
  {
    name: 'rows that repeat as often on both sides',
    source: keyless([1, 'one', 'x'], [1, 'one', 'x'], ...others),
    target: keyless(...others, [1, 'one', 'x'], [1, 'one', 'x']),
    contract: noKey,
    counts: EQUAL,
  },
  {
    name: 'two equal pairs instead of four of a kind',
    source: keyless([1, 'one', 'x'], [1, 'one', 'x'], [2, 'two', 'x'], [2, 'two', 'x']),
    target: keyless([1, 'one', 'x'], [1, 'one', 'x'], [1, 'one', 'x'], [1, 'one', 'x']),
    contract: noKey,
    counts: { missing: 2, extra: 2, changed: 0 },
  },
  {
    name: 'rows without a key',
    source: keyless([1, 'one', 'x'], [2, 'two', 'x'], ...others),
    target: keyless([1, 'one', 'x'], [2, 'two', 'y'], ...others),
    contract: noKey,
    counts: { missing: 1, extra: 1, changed: 0 },
  },
  {
    name: 'a key of two columns whose letters move',
    source: named(['ab', 1, 'x'], ['a', 11, 'y'], ['q', 2, 'z']),
    target: named(['ab', 1, 'x'], ['a', 111, 'y'], ['q', 2, 'changed']),
    contract: byName,
    counts: { missing: 1, extra: 1, changed: 1 },
    columns: ['note'],
  },
  {
    name: 'keys that are longer than a slot',
    source: named([longKey('one'), 1, 'x'], [longKey('two'), 2, 'y'], [longKey('three'), 3, 'z'], ['short', 4, 'w']),
    target: named([longKey('one'), 1, 'X'], [longKey('2'), 2, 'y'], [longKey('three'), 3, 'z'], ['short', 4, 'W']),
    contract: byName,
    counts: { missing: 1, extra: 1, changed: 2 },
    columns: ['note'],
    says: ({ divergences }) => divergences.list.every(({ key }) => key.length === 2),
    said: true,
  },
  {
    name: 'columns that are called otherwise, and stand in another order',
    source: rows([1, 'one', 'x'], ...others),
    target: {
      columns: { 'b "quoted"': 'text', 'the `id`': 'integer', 'a; --': 'text' },
      key: ['the `id`'],
      rows: [['x', 1, 'one'], ...others.map(([id = null, a = null, b = null]) => [b, id, a])],
    },
    contract: {
      key: ['id'],
      columns: [
        { name: 'id', type: INTEGER, target: { name: 'the `id`' } },
        { name: 'a', type: TEXT, target: { name: 'a; --' } },
        { name: 'b', type: TEXT, target: { name: 'b "quoted"' } },
      ],
    },
    counts: EQUAL,
  },
  {
    name: 'columns that are swapped by the contract and not by the copy',
    source: rows([1, 'one', 'x'], ...others),
    target: rows([1, 'one', 'x'], ...others),
    contract: {
      key: ['id'],
      columns: [
        { name: 'id', type: INTEGER },
        { name: 'a', type: TEXT, target: { name: 'b' } },
        { name: 'b', type: TEXT, target: { name: 'a' } },
      ],
    },
    counts: { ...EQUAL, changed: 3 },
    columns: ['a', 'b'],
  },
  {
    name: 'a column on one side only',
    source: rows([1, 'one', 'only here'], [2, 'two', 'only here']),
    target: {
      columns: { id: 'integer', a: 'text' },
      key: ['id'],
      rows: [
        [1, 'one'],
        [2, 'two'],
      ],
    },
    contract: {
      key: ['id'],
      columns: [
        { name: 'id', type: INTEGER },
        { name: 'a', type: TEXT },
      ],
    },
    counts: EQUAL,
    says: ({ coverage }) => coverage.columns.notCompared,
    said: [{ column: 'b', side: 'source', why: 'not-in-contract' }],
  },
  {
    name: 'differences behind a filter',
    source: rows([1, 'one', 'x'], [100, 'here', 'x']),
    target: rows([1, 'one', 'x'], [100, 'there', 'y'], [101, 'more', 'z']),
    contract: { ...byId, filters: [{ column: 'id', where: { op: '<', value: '100' } }] },
    counts: EQUAL,
    says: ({ coverage, counts }) => [coverage.filters, counts.target],
    said: [['id'], 1],
  },
  {
    name: 'differences before a filter',
    source: rows([1, 'one', 'x'], [2, 'two', 'x'], [100, 'here', 'x']),
    target: rows([1, 'one', 'y'], [2, 'two', 'x'], [100, 'there', 'y']),
    contract: { ...byId, filters: [{ column: 'id', where: { op: '<', value: '100' } }] },
    counts: CHANGED,
    columns: ['b'],
  },
  {
    name: 'a row that leaves the filter on one side',
    source: rows([1, 'in', 'x'], [2, 'in', 'x']),
    target: rows([1, 'in', 'x'], [2, 'IN', 'x']),
    contract: { ...byId, filters: [{ column: 'a', where: { op: '=', value: 'in' } }] },
    counts: { ...EQUAL, missing: 1 },
  },
  {
    name: 'rows of another kind in the same table',
    source: rows([1, 'order', 'x'], [2, 'item', 'only here']),
    target: rows([1, 'anything', 'x']),
    contract: {
      key: ['id'],
      columns: [
        { name: 'id', type: INTEGER },
        { name: 'b', type: TEXT },
      ],
      own: { source: [{ name: 'a', type: TEXT, where: { op: '=', value: 'order' } }] },
    },
    counts: EQUAL,
  },
  {
    name: 'values under a mask',
    source: rows([1, 'one', 'x'], [2, 'two', 'y'], [3, null, 'z']),
    target: rows([1, 'one', 'x'], [2, 'TWO', 'y'], [3, '', 'z']),
    contract: {
      key: ['id'],
      columns: [
        { name: 'id', type: INTEGER },
        { name: 'a', type: TEXT, class: 'pii', mask: 'token' },
        { name: 'b', type: TEXT },
      ],
    },
    counts: { ...EQUAL, changed: 2 },
    columns: ['a'],
  },
  {
    name: 'keys under a mask',
    source: named(['one', 1, 'x'], ['two', 2, 'y'], ['three', 3, 'z']),
    target: named(['one', 1, 'x'], ['two', 2, 'changed'], ['THREE', 3, 'z']),
    contract: {
      key: ['name', 'n'],
      columns: [
        { name: 'name', type: TEXT, class: 'pii', mask: 'token' },
        { name: 'n', type: INTEGER },
        { name: 'note', type: TEXT },
      ],
    },
    counts: { missing: 1, extra: 1, changed: 1 },
    columns: ['note'],
    says: (verdict) => first(verdict)?.key.map(({ value }) => value === undefined),
    said: [true, false],
  },
  {
    name: 'values that are left out',
    source: rows([1, 'one', 'x'], [2, 'two', 'y']),
    target: rows([1, 'ONE', 'x'], [2, null, 'y']),
    contract: {
      key: ['id'],
      columns: [
        { name: 'id', type: INTEGER },
        { name: 'a', type: TEXT, class: 'pii', mask: 'omit' },
        { name: 'b', type: TEXT },
      ],
    },
    counts: EQUAL,
    says: ({ coverage }) => coverage.columns.notCompared,
    said: [{ column: 'a', why: 'omitted' }],
  },
  {
    name: 'names and values that look like something else',
    source: rows([1, "'; DROP TABLE values_1; --", '{"$ne": null}'], [2, '#{a}', '%s %n @p0 :a $1']),
    target: rows([1, "'; DROP TABLE values_1; --", '{"$ne": null}'], [2, '#{a}', '%s %n @p0 :a $2']),
    contract: byId,
    counts: CHANGED,
    columns: ['b'],
  },
];
