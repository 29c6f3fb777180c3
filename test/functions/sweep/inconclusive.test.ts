import { describe, expect, it } from 'vitest';
import { sweep } from '../../../cli/sweep/sweep.ts';
import { Problem } from '../../../shared/problem.ts';
import { Transient } from '../../../shared/transient.ts';
import { memoryEndpoint } from '../../support/sweep/contract.ts';
import { openTables, portsOf, requestOf, sweepTables } from '../../support/sweep/run.ts';
import { frozenThings, settledThings, THING_COLUMNS, tables, things } from '../../support/sweep/things.ts';

const contract = frozenThings();

describe('a sweep that cannot tell', () => {
  it.each([
    ['source', 0, 20],
    ['target', 20, 0],
  ] as const)('says so of an empty %s', async (side, source, target) => {
    const { verdict } = await sweepTables(contract, tables(things(source), things(target)));
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'side-empty', side }] });
  });

  it('says so of two empty sides, which are equal', async () => {
    const { verdict } = await sweepTables(contract, tables([], []));
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE' });
    expect(verdict.reasons.map(({ code, side }) => [code, side])).toEqual([
      ['side-empty', 'source'],
      ['side-empty', 'target'],
    ]);
  });

  it('says so of a side that a filter leaves empty', async () => {
    const none = frozenThings({ filters: [{ column: 'id', where: { op: '>', value: '1000' } }] });
    expect((await sweepTables(none, tables(things(9), things(9)))).verdict.verdict).toBe('INCONCLUSIVE');
  });

  it.each([
    ['not-found', 'side-missing'],
    ['endpoint-failed', 'side-missing'],
    ['access-denied', 'access-denied'],
    ['snapshot-gone', 'snapshot-gone'],
  ] as const)('says so of a side that cannot be opened: %s', async (code, expected) => {
    const both = tables(things(9), things(9));
    both.target.hooks.open = () => {
      throw new Problem(code);
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: expected, side: 'target', problem: code }],
      listing: 'none',
      coverage: { source: { partitions: 0 }, target: { partitions: 0 } },
    });
    expect(both.source.closed).toBe(both.source.opened);
  });

  it('names what is wrong at both sides', async () => {
    const both = tables(things(9), things(9));
    both.source.columns = { id: 'any', name: 'any' };
    both.target.columns = { id: 'any', name: 'any', amount: 'double precision' };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict.reasons).toMatchObject([
      { code: 'schema-changed', side: 'source', errors: [{ pointer: '/amount' }] },
      { code: 'schema-changed', side: 'target', errors: [{ pointer: '/amount', rule: 'of the type any' }] },
    ]);
  });

  it('says so where the contract asks for a frozen side that there is not', async () => {
    const both = tables(things(9), things(9));
    both.target.consistency = 'settled';
    const { verdict } = await sweepTables(contract, both);
    expect(verdict.reasons).toMatchObject([{ code: 'snapshot-unavailable', side: 'target' }]);
  });

  it.each([
    ['access-denied', 'access-denied'],
    ['schema-changed', 'schema-changed'],
    ['snapshot-gone', 'snapshot-gone'],
    ['payload-malformed', 'partition-unread'],
  ] as const)('says so of a partition that cannot be read: %s', async (code, expected) => {
    const both = tables(things(400), things(400));
    both.target.hooks.step = (from) => {
      if (from >= 300) throw new Problem(code);
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: expected, side: 'target', problem: code, partitions: [3] }],
      listing: 'none',
      breaker: code === 'schema-changed' ? { cause: 'schema' } : null,
    });
    expect(verdict.coverage.target.unread).toContain(3);
    expect(verdict.fingerprints).toBeUndefined();
  });

  it('says so of a value that the contract does not allow, by the name of its column', async () => {
    const { verdict, document } = await sweepTables(
      contract,
      tables(
        things(30),
        things(30, (row, id) => (id === 3 ? { ...row, amount: 'canary' } : row)),
      ),
    );
    expect(verdict.reasons).toMatchObject([
      { code: 'value-refused', side: 'target', errors: [{ pointer: '/amount', rule: 'decimal' }] },
    ]);
    expect(document).not.toContain('canary');
  });

  it('says so of a NULL where the contract expects none', async () => {
    const strict = frozenThings({ columns: THING_COLUMNS.map((column) => ({ ...column, nullable: false })) });
    const both = tables(
      things(30),
      things(30, (row, id) => (id === 3 ? { ...row, name: null } : row)),
    );
    expect((await sweepTables(strict, both)).verdict.reasons).toMatchObject([{ code: 'value-refused' }]);
  });

  it('takes up what failed transiently, and comes to the same verdict', async () => {
    const both = tables(things(400), things(399));
    let failures = 0;
    both.target.hooks.step = () => {
      if (failures++ < 2) throw new Transient('fetch', 'timed-out');
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict).toMatchObject({ verdict: 'DIVERGED', divergences: { missing: 1, extra: 0, changed: 0 } });
  });

  it('gives up a partition after three attempts', async () => {
    const both = tables(things(400), things(399));
    let attempts = 0;
    both.target.hooks.step = (from) => {
      if (from === 0) {
        attempts += 1;
        throw new Transient('fetch', 'timed-out');
      }
    };
    const { verdict } = await sweepTables(contract, both);
    expect(verdict.reasons).toMatchObject([{ code: 'partition-unread', partitions: [0] }]);
    expect(attempts).toBe(3);
  });

  it('says so when it is interrupted', async () => {
    const both = tables(things(400), things(400));
    const interruption = new AbortController();
    both.source.hooks.step = () => interruption.abort();
    const { verdict } = await sweepTables(contract, both, { signal: interruption.signal, laneCount: 1 });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'interrupted' }] });
  });

  it('repeats no message of an error that is not its own', async () => {
    const both = tables(things(40), things(40));
    both.source.hooks.step = () => {
      throw new Error('duplicate key value: canary@example.org');
    };
    const { document, entries } = await sweepTables(contract, both);
    expect(document + entries).not.toContain('canary');
  });
});

describe('a sweep that may not run', () => {
  const both = () => tables(things(9), things(9));
  const refused = async (change: Parameters<typeof requestOf>[1], text?: (text: string) => string) => {
    const pair = both();
    const request = await requestOf(settledThings(), change);
    const signed = text === undefined ? request.signed : { ...request.signed, text: text(request.signed.text) };
    const code = await sweep({ ...request, signed }, portsOf(openTables(pair))).then(
      () => 'ran',
      (error: unknown) => (error instanceof Problem ? error.code : 'other'),
    );
    return [code, pair.source.opened + pair.target.opened];
  };

  it('[S09] opens nothing under a contract that was altered by one byte', async () => {
    expect(await refused({}, (text) => text.replace('Things', 'things'))).toEqual(['contract-untrusted', 0]);
  });

  it('[S09] opens nothing under a contract that another key signed', async () => {
    expect(await refused({ trust: { signers: ['0'.repeat(64)], minimumVersion: 1 } })).toEqual([
      'contract-untrusted',
      0,
    ]);
  });

  it('[S09] opens nothing under a contract that is older than the pinned minimum', async () => {
    const { trust } = await requestOf(contract);
    expect(await refused({ trust: { ...trust, minimumVersion: 2 } })).toEqual(['contract-untrusted', 0]);
  });

  it('[S09] opens nothing under a contract of another dataset', async () => {
    expect(await refused({ dataset: 'others' })).toEqual(['contract-untrusted', 0]);
  });

  it('reads nothing where both sides are one place', async () => {
    const pair = both();
    pair.target.identity = pair.source.identity;
    await expect(sweepTables(contract, pair)).rejects.toMatchObject({ code: 'endpoint-same' });
    expect(pair.source.scanned + pair.target.scanned).toBe(0);
    expect([pair.source.closed, pair.target.closed]).toEqual([1, 1]);
  });

  it('opens nothing under a contract that names one endpoint twice', async () => {
    const pair = both();
    const twice = frozenThings({ target: memoryEndpoint('left') });
    await expect(sweepTables(twice, pair)).rejects.toMatchObject({ code: 'configuration-invalid' });
    expect(pair.source.opened + pair.target.opened).toBe(0);
  });

  it('[P08] reads nothing where a side is not reached over verified TLS', async () => {
    const pair = both();
    pair.target.hooks.open = () => {
      throw new Problem('tls-required');
    };
    await expect(sweepTables(contract, pair)).rejects.toMatchObject({ code: 'tls-required' });
    expect(pair.source.scanned).toBe(0);
    expect(pair.source.closed).toBe(1);
  });
});
