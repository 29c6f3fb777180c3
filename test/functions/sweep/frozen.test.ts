import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { Transient } from '../../../shared/transient.ts';
import { contractOf } from '../../support/sweep/contract.ts';
import { type MemoryRow, MemoryTable } from '../../support/sweep/memory-table.ts';
import { sweepTables } from '../../support/sweep/run.ts';
import { frozenThings, THING_COLUMNS, tables, things } from '../../support/sweep/things.ts';

const contract = frozenThings();

describe('a sweep of frozen sides', () => {
  it('[S05] [S06] finds equal what is spelled differently and lies in another order', async () => {
    const respelled = things(1000, (row, id) => ({ ...row, amount: `${id}.500` })).toReversed();
    const { verdict } = await sweepTables(contract, tables(things(1000), respelled));
    expect(verdict).toMatchObject({
      verdict: 'EQUAL',
      reasons: [],
      counts: { source: 1000, target: 1000 },
      listing: 'complete',
      drift: { items: 0, standardError: 0, rows: 0, share: 0 },
      coverage: { source: { partitions: 4, covered: 4, rows: 1000, unread: [] } },
      scans: { source: 1, target: 1 },
    });
    expect(verdict.freshUntil).toBe(new Date(Date.parse(verdict.startedAt) + 24 * 3_600_000).toISOString());
  });

  it('[S05] names every row that differs, with the columns', async () => {
    const { verdict } = await sweepTables(
      contract,
      tables(
        things(1000, (row, id) => (id === 7 ? undefined : row)),
        things(1000, (row, id) => (id === 9 ? undefined : id === 11 ? { ...row, name: 'x' } : row)),
      ),
    );
    expect(verdict).toMatchObject({
      verdict: 'DIVERGED',
      reasons: [],
      listing: 'complete',
      drift: { items: 4, standardError: 0, rows: 2 },
    });
    expect(verdict.freshUntil).toBeUndefined();
    expect(verdict.divergences).toMatchObject({
      missing: 1,
      extra: 1,
      changed: 1,
      list: [
        { kind: 'extra', times: 1, key: [{ column: 'id', value: '7' }], rows: { source: 0, target: 1 } },
        { kind: 'missing', times: 1, key: [{ column: 'id', value: '9' }], rows: { source: 1, target: 0 } },
        { kind: 'changed', times: 1, key: [{ column: 'id', value: '11' }], columns: ['name'] },
      ],
    });
  });

  it('[S05] reports duplicate rows by their multiplicity: three against one', async () => {
    const [row = {}] = things(1);
    const source = [...things(300), row, row];
    const { verdict } = await sweepTables(contract, tables(source, things(300)));
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', key: { unique: { source: 'violated', target: 'observed' } } });
    expect(verdict.divergences).toMatchObject({
      missing: 2,
      extra: 0,
      changed: 0,
      list: [{ kind: 'missing', times: 2, key: [{ value: '0' }], rows: { source: 3, target: 1 } }],
    });
  });

  it.each([
    ['a rule that loses something of it', { kind: 'text', padding: 'trim' }, 'varchar(20)', 'a', 'a '],
    ['a text that stands for a number', { kind: 'integer' }, 'character varying', '1', '01'],
  ] as const)(
    'takes no index of an engine for a proof of the key under %s',
    async (_name, type, native, one, other) => {
      const column = { name: 'id', type, source: { type: native }, target: { type: native } };
      const contract = contractOf({ key: ['id'], columns: [column, { name: 'name', type: { kind: 'text' } }] });
      const both = [
        { id: one, name: 'x' },
        { id: other, name: 'y' },
      ];
      const table = (identity: string): MemoryTable => {
        const made = new MemoryTable(identity, { id: native, name: 'any' }, both);
        made.uniqueKeys = [['id']];
        return made;
      };
      const { verdict } = await sweepTables(contract, { source: table('left'), target: table('right') });
      expect(verdict).toMatchObject({ verdict: 'EQUAL', key: { unique: { source: 'unknown', target: 'unknown' } } });
    },
  );

  it('reports keys that are not unique as a multiset: so many missing, so many extra, and none changed', async () => {
    const twins = (name: string): MemoryRow[] => [
      { id: 7n, name: 'a', amount: '1' },
      { id: 7n, name, amount: '1' },
    ];
    const { verdict } = await sweepTables(contract, tables(twins('b'), twins('c')));
    expect(verdict.divergences).toMatchObject({
      missing: 1,
      extra: 1,
      changed: 0,
      list: [
        { kind: 'missing', rows: { source: 2, target: 2 } },
        { kind: 'extra', rows: { source: 2, target: 2 } },
      ],
    });
    expect(verdict.key.unique).toEqual({ source: 'violated', target: 'violated' });
  });

  it('calls equal what repeats equally often on both sides', async () => {
    const twice = [...things(100), ...things(100)];
    const { verdict } = await sweepTables(contract, tables(twice, twice.toReversed()));
    expect(verdict.verdict).toBe('EQUAL');
  });

  it('lists keys that are longer than their slot, by another scan of the keys alone', async () => {
    const long = (id: number): string => `${'k'.repeat(300)}${id}`;
    const named = contractOf({ key: ['name'], columns: THING_COLUMNS });
    const lengthen = (row: MemoryRow, id: number): MemoryRow => ({ ...row, name: long(id) });
    const { verdict } = await sweepTables(
      named,
      tables(
        things(200, (row, id) => (id === 3 ? undefined : lengthen(row, id))),
        things(200, (row, id) => (id === 5 ? undefined : lengthen(id === 8 ? { ...row, amount: '0' } : row, id))),
      ),
    );
    expect(verdict.divergences.list).toMatchObject([
      { kind: 'extra', key: [{ column: 'name', value: long(3) }] },
      { kind: 'missing', key: [{ column: 'name', value: long(5) }] },
      { kind: 'changed', key: [{ column: 'name', value: long(8) }], columns: ['amount'] },
    ]);
    // The source knows two of the three keys; the third takes a look at the target.
    expect(verdict.scans).toEqual({ source: 2, target: 2 });
  });

  it('compares rows without a primary key as a multiset, and names them by a keyed id', async () => {
    const keyless = contractOf({ key: [], columns: THING_COLUMNS });
    const [row = {}, other = {}] = things(2);
    const { verdict } = await sweepTables(keyless, tables([...things(100), row, row], [...things(100), other]));
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', listing: 'complete', scans: { source: 1, target: 1 } });
    expect(verdict.divergences).toMatchObject({
      missing: 2,
      extra: 1,
      changed: 0,
      list: [
        { kind: 'extra', times: 1, key: [], id: expect.stringMatching(/^[0-9a-f]{32}$/) },
        { kind: 'missing', times: 2, key: [], id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      ],
    });
  });

  it('says DIVERGED with a partial listing and an estimate where more differs than the sketch lists', async () => {
    const { verdict } = await sweepTables(
      contract,
      tables(
        things(20_000),
        things(20_000, (row, id) => (id % 2 === 0 ? { ...row, name: 'x' } : row)),
      ),
      { request: { capacity: 20 } },
    );
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', reasons: [], listing: 'partial' });
    const { items = 0, standardError } = verdict.drift ?? {};
    expect(standardError).toBeGreaterThan(0);
    // Twenty thousand items differ; five standard errors are one run in millions.
    expect(Math.abs(items - 20_000)).toBeLessThan(5 * Number(standardError));
  });

  it('[S04] shows keys as tokens unless their columns are public, and compares what is masked', async () => {
    const masked = contractOf({
      key: ['name', 'id'],
      columns: [
        { name: 'id', type: { kind: 'integer' }, class: 'internal' },
        { name: 'name', type: { kind: 'text' }, class: 'pii', mask: 'token' },
        { name: 'amount', type: { kind: 'decimal' }, class: 'pii', mask: 'token' },
      ],
    });
    const { document, verdict } = await sweepTables(
      masked,
      tables(
        things(100, (row) => ({ ...row, name: `canary-${row.name}` })),
        things(100, (row, id) => ({ ...row, name: `canary-${row.name}`, amount: id === 55 ? '1e9' : row.amount })),
      ),
    );
    const token = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(verdict.divergences.list).toEqual([
      {
        kind: 'changed',
        times: 1,
        key: [
          { column: 'name', token },
          { column: 'id', token },
        ],
        rows: { source: 1, target: 1 },
        columns: ['amount'],
        bucket: expect.any(Number),
      },
    ]);
    expect(verdict.coverage.columns).toMatchObject({ compared: ['name', 'id', 'amount'], masked: ['name', 'amount'] });
    expect(document).not.toContain('canary');
  });

  it('[S06] counts what each declared rule changed, but not of a masked column', async () => {
    const scale: ColumnType = { kind: 'decimal', scale: 1 };
    const lossy = contractOf({
      key: ['id'],
      columns: [
        { name: 'id', type: { kind: 'integer' } },
        { name: 'name', type: { kind: 'text', padding: 'trim' }, class: 'pii', mask: 'token' },
        { name: 'amount', type: scale },
      ],
    });
    const { verdict } = await sweepTables(
      lossy,
      tables(
        things(10, (row, id) => ({ ...row, amount: `${id}.54` })),
        things(10, (row, id) => ({ ...row, name: `${row.name}  `, amount: `${id}.5` })),
      ),
    );
    expect(verdict.verdict).toBe('EQUAL');
    expect(verdict.lossy).toEqual([{ side: 'source', column: 'amount', rule: 'scale', values: 10 }]);
  });

  it('leaves out what differs within its tolerance, counts it, and lists the rest', async () => {
    const near = frozenThings({
      columns: THING_COLUMNS.map((column) => (column.name === 'amount' ? { ...column, tolerance: '0.01' } : column)),
    });
    const shift = (by: string, only: (id: number) => boolean) =>
      things(50, (row, id) => (only(id) ? { ...row, amount: `${id}.${by}` } : row));
    const within = await sweepTables(
      near,
      tables(
        things(50),
        shift('51', (id) => id < 4),
      ),
    );
    expect(within.verdict).toMatchObject({
      verdict: 'EQUAL',
      tolerated: [{ column: 'amount', rows: 4 }],
      suspects: { found: 4, tolerated: 4, confirmed: 0 },
    });
    const beyond = await sweepTables(
      near,
      tables(
        things(50),
        shift('511', (id) => id === 2),
      ),
    );
    expect(beyond.verdict).toMatchObject({ verdict: 'DIVERGED', tolerated: [] });
    expect(beyond.verdict.divergences.list).toMatchObject([{ kind: 'changed', columns: ['amount'] }]);
  });

  it.each<[string, (both: ReturnType<typeof tables>) => Equivalence['breaker']]>([
    [
      'could not be read again',
      (both) => {
        both.target.hooks.lookup = () => {
          throw new Transient('fetch', 'unavailable');
        };
        return {};
      },
    ],
    ['the breaker kept from being read again', () => ({ drift: { rows: 1 } })],
  ])('takes no suspect for a difference that %s, and that may lie within its tolerance', async (_name, hinder) => {
    const moved = things(50, (row, id) => (id < 4 ? { ...row, amount: `${id}.51` } : row));
    const both = tables(things(50), moved);
    const near = frozenThings({
      columns: THING_COLUMNS.map((column) => (column.name === 'amount' ? { ...column, tolerance: '0.01' } : column)),
      breaker: hinder(both),
    });
    const { verdict } = await sweepTables(near, both);
    expect(verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      listing: 'partial',
      suspects: { found: 4, confirmed: 0, unsettled: 4 },
      divergences: { list: [] },
    });
  });

  it('is inconclusive where all of more than it can list may lie within the tolerance', async () => {
    const near = frozenThings({
      columns: THING_COLUMNS.map((column) => (column.name === 'amount' ? { ...column, tolerance: '1' } : column)),
    });
    const moved = things(3000, (row, id) => ({ ...row, amount: `${id}.75` }));
    const { verdict } = await sweepTables(near, tables(things(3000), moved), { request: { capacity: 2 } });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'tolerance-undecided' }] });
  });

  it('is inconclusive where a side that was said to be frozen gives other rows when read again', async () => {
    const both = tables(
      things(50),
      things(50, (row, id) => (id === 3 ? { ...row, name: 'x' } : row)),
    );
    // It shares its state by name only, as a broken engine would: the second look sees what is there now.
    const open = both.target.open.bind(both.target);
    both.target.open = (options) => {
      const engine = open(options);
      return { ...engine, read: async (relation, masks) => await open().read(relation, masks) };
    };
    both.target.hooks.lookup = () => {
      both.target.rows = things(50);
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'unstable-read', count: 1 }] });
  });

  it('stays DIVERGED, without columns, where frozen rows cannot be read again', async () => {
    const both = tables(
      things(50),
      things(50, (row, id) => (id === 3 ? { ...row, name: 'x' } : row)),
    );
    for (const table of [both.source, both.target]) {
      table.uniqueKeys = [['id']];
      table.hooks.lookup = () => {
        throw new Error('the connection is gone');
      };
    }
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({
      verdict: 'DIVERGED',
      reasons: [{ code: 'worker-failed', side: 'source' }],
      divergences: { changed: 1, list: [{ kind: 'changed', times: 1, key: [{ column: 'id', value: '3' }] }] },
    });
    expect(verdict.divergences.list[0]).not.toHaveProperty('columns');
  });

  it('[S05] says where in the order of keys the drift is', async () => {
    const { verdict } = await sweepTables(
      contract,
      tables(
        things(2000),
        things(2000, (row, id) => (id >= 1990 ? { ...row, name: 'x' } : row)),
      ),
    );
    expect(verdict.buckets.length).toBeGreaterThan(16);
    const drifting = verdict.buckets.flatMap(({ changed }, bucket) => (changed > 0 ? [bucket] : []));
    expect(drifting).toEqual([verdict.buckets.length - 1]);
    expect(verdict.buckets.at(-1)).toEqual({ missing: 0, extra: 0, changed: 10 });
  });

  it('gives two sweeps of the same data different digests, and different tokens', async () => {
    const secret = frozenThings({
      columns: THING_COLUMNS.map((column) => ({ ...column, class: 'internal' as const })),
    });
    const sides = (): ReturnType<typeof tables> => tables(things(50), things(49));
    const [one, other] = [await sweepTables(secret, sides()), await sweepTables(secret, sides())];
    expect(one.verdict.fingerprints?.source).not.toBe(other.verdict.fingerprints?.source);
    expect(one.verdict.fingerprints?.target).not.toBe(other.verdict.fingerprints?.target);
    expect(one.verdict.divergences.list[0]?.key[0]?.token).not.toBe(other.verdict.divergences.list[0]?.key[0]?.token);
    expect(one.verdict.sweep).not.toBe(other.verdict.sweep);
  });

  it('says what was not compared, and why', async () => {
    const both = tables(things(5), things(5));
    both.source.columns = { ...both.source.columns, legacy: 'text' };
    both.target.columns = { ...both.target.columns, note: 'text', added: 'text' };
    const partial = frozenThings({
      columns: [...THING_COLUMNS, { name: 'note', type: { kind: 'text' }, class: 'pii', mask: 'omit' }],
      filters: [{ column: 'id', where: { op: '>=', value: '0' } }],
    });
    const { verdict } = await sweepTables(partial, both);
    expect(verdict).toMatchObject({ verdict: 'EQUAL', coverage: { filters: ['id'] } });
    expect(verdict.coverage.columns.notCompared).toEqual([
      { column: 'note', why: 'omitted' },
      { column: 'legacy', side: 'source', why: 'not-in-contract' },
      { column: 'added', side: 'target', why: 'not-in-contract' },
    ]);
  });

  it('closes every engine that it opened', async () => {
    const both = tables(things(50), things(49));
    await sweepTables(contract, both);
    expect([both.source.opened, both.target.opened]).toEqual([both.source.closed, both.target.closed]);
  });

  it('matches renamed and reordered columns by the contract', async () => {
    const renamed = new MemoryTable(
      'right',
      { betrag: 'any', kennung: 'any', bezeichnung: 'any' },
      things(20, ({ id, name, amount }) => ({ betrag: amount, kennung: id, bezeichnung: name })),
    );
    const mapping = frozenThings({
      columns: THING_COLUMNS.map((column, index) => ({
        ...column,
        target: { name: ['kennung', 'bezeichnung', 'betrag'][index] ?? '' },
      })),
    });
    const { source } = tables(things(20), []);
    expect((await sweepTables(mapping, { source, target: renamed })).verdict.verdict).toBe('EQUAL');
  });
});
