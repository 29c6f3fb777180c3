import { describe, expect, it } from 'vitest';
import { Transient } from '../../../shared/transient.ts';
import { sweepTables } from '../../support/sweep/run.ts';
import { frozenThings, settledThings, tables, things } from '../../support/sweep/things.ts';

const other = (count: number) => things(1000, (row, id) => (id < count ? { ...row, name: 'x' } : row));

describe('[S13] the breaker', () => {
  it('trips past the drift that the contract allows, lists what was decoded, and reads nothing again', async () => {
    const contract = frozenThings({ breaker: { drift: { rows: 9 } } });
    const both = tables(things(1000), other(10));
    let lookups = 0;
    both.target.hooks.lookup = () => {
      lookups += 1;
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({
      verdict: 'DIVERGED',
      reasons: [{ code: 'breaker-drift', count: 10 }],
      breaker: { cause: 'drift', seen: 10, allowed: 9 },
      drift: { items: 20, rows: 10, share: 0.01 },
      // No engine vouches for the key and nobody looked: they stay a multiset.
      divergences: { missing: 10, extra: 10, changed: 0 },
    });
    expect(lookups).toBe(0);
  });

  it('takes a row here and a row there for one that changed where both engines keep the key unique', async () => {
    const both = tables(things(1000), other(10));
    both.source.uniqueKeys = [['id']];
    both.target.uniqueKeys = [['name'], ['id']];
    const { verdict } = await sweepTables(frozenThings({ breaker: { drift: { share: 0.001 } } }), both);
    expect(verdict.divergences).toMatchObject({ missing: 0, extra: 0, changed: 10 });
    expect(verdict.breaker).toEqual({ cause: 'drift', seen: 0.01, allowed: 0.001 });
  });

  it('does not trip at what is allowed', async () => {
    const { verdict } = await sweepTables(
      frozenThings({ breaker: { drift: { rows: 10 } } }),
      tables(things(1000), other(10)),
    );
    expect(verdict).toMatchObject({ breaker: null, divergences: { changed: 10 } });
  });

  it('leaves a settled sweep without an answer: what differs may have been in flight', async () => {
    const contract = settledThings({ breaker: { drift: { rows: 0 } } });
    const { verdict } = await sweepTables(contract, tables(things(1000), other(1), true));
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'breaker-drift', count: 1 }] });
  });

  it('estimates the drift with its error where more differs than can be listed', async () => {
    const contract = frozenThings({ breaker: { drift: { share: 0.01 } } });
    const { verdict } = await sweepTables(contract, tables(things(1000), other(1000)), { request: { capacity: 2 } });
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', listing: 'partial', breaker: { cause: 'drift' } });
    expect(verdict.drift?.standardError).toBeGreaterThan(0);
  });

  it('trips when more attempts fail than the contract allows, and stops the others', async () => {
    const both = tables(things(4000), things(4000));
    both.target.hooks.step = () => {
      throw new Transient('fetch', 'unavailable');
    };
    const { verdict } = await sweepTables(frozenThings({ breaker: { errors: 1 } }), both, {
      request: { partitions: 20 },
    });
    expect(verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'breaker-errors', count: 2 }],
      breaker: { cause: 'errors', seen: 2, allowed: 1 },
      drift: null,
    });
    expect(both.source.scanned).toBeLessThan(4000);
  });

  it('trips when a partition holds many more rows than planned', async () => {
    const both = tables(things(8000), things(8000));
    both.source.estimateFactor = 0.1;
    const { verdict } = await sweepTables(frozenThings({ breaker: { skew: 5 } }), both);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', breaker: { cause: 'skew', allowed: 5 } });
    expect(verdict.breaker?.seen).toBeGreaterThan(5);
  });

  it('trips when rows come much more slowly than at the beginning', async () => {
    const both = tables(things(40_000), things(40_000));
    let now = 1_000_000;
    // A hundred rows a second, then one a second.
    both.source.hooks.step = (from) => {
      now += from < 3000 ? 1000 : 100_000;
    };
    const contract = frozenThings({ breaker: { rate: 0.5 } });
    const { verdict } = await sweepTables(contract, both, {
      clock: { now: () => now },
      laneCount: 1,
      request: { partitions: 1 },
    });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', breaker: { cause: 'rate', allowed: 0.5 } });
    expect(verdict.breaker?.seen).toBeLessThan(0.5);
    // It said how much it had seen by then.
    expect(verdict.coverage.source).toMatchObject({ partitions: 1, covered: 0 });
    expect(verdict.breaker?.read?.source).toBeGreaterThan(1000);
    expect(verdict.breaker?.read?.source).toBeLessThan(40_000);
  });
});
