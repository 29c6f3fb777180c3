import { describe, expect, it } from 'vitest';
import type { MemoryRow } from '../../support/sweep/memory-table.ts';
import { sweepTables } from '../../support/sweep/run.ts';
import { settledThings, type Tables, THING_COLUMNS, tables, things } from '../../support/sweep/things.ts';

const contract = settledThings();
const renamed = (ids: readonly number[], name = 'x') =>
  things(300, (row, id) => (ids.includes(id) ? { ...row, name } : row));

/** Records every wait, and does something in the `nth` of them. */
function waiting(acts: readonly (() => void)[]) {
  const waits: number[] = [];
  return {
    waits,
    wait: async (milliseconds: number) => {
      acts[waits.length]?.();
      waits.push(milliseconds);
    },
  };
}

describe('a sweep of settled sides', () => {
  it('does not report rows that were in flight, and says how many it looked at again', async () => {
    const both = tables(things(300), renamed([3, 4, 5]), true);
    const { wait, waits } = waiting([() => Object.assign(both.target, { rows: things(300) })]);
    const { verdict } = await sweepTables(contract, both, { wait });
    expect(verdict).toMatchObject({
      verdict: 'EQUAL',
      listing: 'complete',
      consistency: 'settled',
      suspects: { found: 3, cleared: 3, confirmed: 0, unsettled: 0 },
      divergences: { missing: 0, extra: 0, changed: 0, list: [] },
    });
    expect(waits).toEqual([1000]);
  });

  it('reports a lost update after the settling delay, and not what arrived meanwhile', async () => {
    const both = tables(things(300), renamed([3, 4, 5]), true);
    const { wait } = waiting([() => Object.assign(both.target, { rows: renamed([4]) })]);
    const { verdict } = await sweepTables(contract, both, { wait });
    expect(verdict).toMatchObject({
      verdict: 'DIVERGED',
      suspects: { found: 3, cleared: 2, confirmed: 1 },
      divergences: { changed: 1, list: [{ kind: 'changed', key: [{ value: '4' }], columns: ['name'] }] },
    });
  });

  it('confirms a row that was lost, and one that should be gone', async () => {
    const both = tables(
      things(300, (row, id) => (id === 8 ? undefined : row)),
      things(300, (row, id) => (id === 9 ? undefined : row)),
      true,
    );
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', divergences: { missing: 1, extra: 1, changed: 0 } });
  });

  it('reads a suspect that changed once more, and clears or confirms it then', async () => {
    const both = tables(renamed([3, 4], 'a'), renamed([]), true);
    const { wait, waits } = waiting([
      () => Object.assign(both.source, { rows: renamed([3, 4], 'b') }),
      () => Object.assign(both.target, { rows: renamed([3], 'b') }),
    ]);
    const { verdict } = await sweepTables(contract, both, { wait });
    expect(waits).toHaveLength(2);
    expect(verdict).toMatchObject({
      verdict: 'DIVERGED',
      suspects: { found: 2, cleared: 1, confirmed: 1, unsettled: 0 },
      divergences: { list: [{ key: [{ value: '4' }] }] },
    });
  });

  it('is inconclusive when a suspect will not settle, whatever else was confirmed', async () => {
    const both = tables(renamed([3, 4]), things(300), true);
    let version = 0;
    const change = () =>
      Object.assign(both.source, {
        rows: things(300, (row, id) =>
          id === 3 ? { ...row, name: `v${version++}` } : id === 4 ? { ...row, name: 'x' } : row,
        ),
      });
    const { verdict } = await sweepTables(contract, both, waiting([change, change, change]));
    expect(verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'suspect-unsettled', count: 1 }],
      listing: 'partial',
      suspects: { found: 2, confirmed: 1, unsettled: 1 },
      divergences: { changed: 1 },
    });
  });

  it('is inconclusive when more differs than can be read again', async () => {
    const both = tables(
      things(3000),
      things(3000, (row) => ({ ...row, name: 'x' })),
      true,
    );
    const { verdict } = await sweepTables(contract, both, { request: { capacity: 3 } });
    expect(verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'residue-undecoded' }],
      listing: 'partial',
    });
    expect(verdict.drift?.items).toBeGreaterThan(1000);
  });

  it('is inconclusive when the suspects cannot be read again', async () => {
    const both = tables(things(30), things(29), true);
    both.target.hooks.lookup = () => {
      throw new Error('gone');
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'worker-failed', side: 'target' }] });
    expect([both.source.opened, both.target.opened]).toEqual([both.source.closed, both.target.closed]);
  });

  it('reads nothing again when the sums are equal', async () => {
    const { waits, wait } = waiting([]);
    const { verdict } = await sweepTables(contract, tables(things(30), things(30), true), { wait });
    expect([verdict.verdict, waits.length]).toEqual(['EQUAL', 0]);
  });

  it('treats a frozen side and a settled one as settled', async () => {
    const both = tables(things(30), things(29), true);
    both.source.consistency = 'frozen';
    const mixed = settledThings({ source: { ...contract.source, consistency: 'frozen' } });
    const { wait, waits } = waiting([() => Object.assign(both.target, { rows: things(30) })]);
    const { verdict } = await sweepTables(mixed, both, { wait });
    expect([verdict.verdict, verdict.consistency, waits.length]).toEqual(['EQUAL', 'settled', 1]);
  });

  it('tells rows in flight from lost ones also where a row has no key, by another look at the whole', async () => {
    const keyless = settledThings({ key: [], columns: THING_COLUMNS });
    const [row = {}] = things(1);
    const flight = (): Tables => tables([...things(50), row, row], things(49), true);
    const arrived = flight();
    const cleared = await sweepTables(
      keyless,
      arrived,
      waiting([() => Object.assign(arrived.target, { rows: arrived.source.rows })]),
    );
    expect(cleared.verdict).toMatchObject({ verdict: 'EQUAL', scans: { source: 2, target: 2 } });
    const lost = flight();
    const confirmed = await sweepTables(
      keyless,
      lost,
      waiting([() => Object.assign(lost.target, { rows: things(50) })]),
    );
    expect(confirmed.verdict).toMatchObject({
      verdict: 'DIVERGED',
      suspects: { found: 2, cleared: 1, confirmed: 1 },
      divergences: { missing: 2, extra: 0 },
    });
  });

  it('follows a row that is deleted while it is a suspect under a key longer than the slot', async () => {
    const named = settledThings({ key: ['name'] });
    const long = (more: readonly MemoryRow[] = []) => [
      ...things(30, (row) => ({ ...row, name: `${'k'.repeat(200)}${row.name}` })),
      ...more,
    ];
    const both = tables(long([{ id: 99n, name: 'z'.repeat(200), amount: '1' }]), long(), true);
    const { verdict } = await sweepTables(named, both, waiting([() => Object.assign(both.source, { rows: long() })]));
    expect(verdict).toMatchObject({ verdict: 'EQUAL', suspects: { found: 1, cleared: 1 } });
  });

  it('clears a suspect that has come within its tolerance', async () => {
    const near = settledThings({
      columns: THING_COLUMNS.map((column) => (column.name === 'amount' ? { ...column, tolerance: '0.1' } : column)),
    });
    const amount = (value: string) => things(30, (row, id) => (id === 4 ? { ...row, amount: value } : row));
    const both = tables(things(30), amount('9'), true);
    const { verdict } = await sweepTables(
      near,
      both,
      waiting([() => Object.assign(both.target, { rows: amount('4.59') })]),
    );
    expect(verdict).toMatchObject({
      verdict: 'EQUAL',
      suspects: { tolerated: 1 },
      tolerated: [{ column: 'amount', rows: 1 }],
    });
  });

  it('reads a table that grows while it is swept, and finds no drift in that', async () => {
    const both = tables(things(250), things(250), true);
    // The source is read first, the target has one row more by then; the source has it too when it is read again.
    both.source.hooks.step = (from) => {
      if (from === 200) both.target.rows = things(251);
    };
    const { verdict } = await sweepTables(contract, both, {
      ...waiting([() => Object.assign(both.source, { rows: things(251) })]),
      laneCount: 1,
      request: { partitions: 1 },
    });
    expect(verdict).toMatchObject({ verdict: 'EQUAL', counts: { source: 250, target: 251 }, suspects: { cleared: 1 } });
  });

  it('is inconclusive when the columns changed during the sweep, although every partition was read', async () => {
    const both = tables(things(30), things(30), true);
    both.target.hooks.step = () => {
      both.target.columns = { ...both.target.columns, added: 'text' };
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'schema-changed', side: 'target' }] });
  });

  it('keeps reading one state at a frozen side that is written to', async () => {
    const both = tables(things(300), things(300));
    both.source.hooks.step = () => {
      both.source.rows = things(10);
    };
    const frozen = settledThings({
      source: { ...contract.source, consistency: 'frozen' },
      target: { ...contract.target, consistency: 'frozen' },
    });
    expect((await sweepTables(frozen, both)).verdict).toMatchObject({ verdict: 'EQUAL', counts: { source: 300 } });
  });
});
