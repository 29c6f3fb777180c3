import { describe, expect, it } from 'vitest';
import { compareSweep } from '../../../functions/sweep/compare/sides.ts';
import { hashPartition } from '../../../functions/sweep/hash/partition.ts';
import { keyWidth } from '../../../functions/sweep/plan/key-width.ts';
import { demandRoom, largestCapacity } from '../../../functions/sweep/plan/room.ts';
import { startSweep } from '../../../functions/sweep/plan/start.ts';
import { Problem } from '../../../shared/problem.ts';
import { Transient } from '../../../shared/transient.ts';
import { contractOf } from '../../support/sweep/contract.ts';
import { DeployedSweeps } from '../../support/sweep/deployed.ts';
import { frozenThings, settledThings, THING_COLUMNS, tables, things } from '../../support/sweep/things.ts';

const changed = (count: number) => things(500, (row, id) => (id < count ? { ...row, name: 'x' } : row));

describe('the steps of a sweep as functions', () => {
  it('end in a sealed verdict that verifies, an event of counts alone, and a gate that is open', async () => {
    const sweeps = await DeployedSweeps.of(frozenThings(), tables(things(500), things(500)));
    const { sweep, outcome, event } = await sweeps.run();
    expect(outcome).toBe('equal');
    expect(await sweeps.verdict(sweep)).toMatchObject({ verdict: 'EQUAL', counts: { source: 500, target: 500 } });
    expect(event).toMatchObject({ dataset: 'things', sweep, verdict: 'EQUAL', rows: { source: 500, target: 500 } });
    expect((await sweeps.gates.read('things'))?.gate.verdict).toMatchObject({ sweep, verdict: 'EQUAL' });
    expect(sweeps.measured).toHaveLength(1);
  });

  it('list what differs, and tell the event how many and not which', async () => {
    const sweeps = await DeployedSweeps.of(settledThings(), tables(things(500), changed(3).slice(0, -1), true));
    const { sweep, outcome, event } = await sweeps.run();
    expect(outcome).toBe('diverged');
    expect(event.divergences).toEqual({ missing: 1, extra: 0, changed: 3 });
    expect(Object.keys(event).sort()).toEqual(
      ['breaker', 'dataset', 'divergences', 'endedAt', 'reasons', 'rows', 'sweep', 'verdict'].sort(),
    );
    const { divergences } = await sweeps.verdict(sweep);
    expect(divergences.list.map(({ kind, key }) => [kind, key[0]?.value])).toEqual([
      ['changed', '0'],
      ['changed', '1'],
      ['changed', '2'],
      ['missing', '499'],
    ]);
  });

  it('say the same when every invocation is delivered twice, also at the same time', async () => {
    const sweeps = await DeployedSweeps.of(settledThings(), tables(things(500), changed(2), true));
    const request = sweeps.request();
    const [one, other] = await Promise.all([startSweep(request, sweeps.ports), startSweep(request, sweeps.ports)]);
    expect(one).toEqual(other);
    const items: { side: 'source' | 'target'; partition: number }[] = JSON.parse(
      Buffer.from(sweeps.stores.get(one.sweep)?.objects.get('items') ?? '[]').toString(),
    );
    expect(items.length).toBeGreaterThan(4);
    await Promise.all(items.flatMap((item) => [item, item]).map((item) => sweeps.hash({ ...request, ...item })));
    const compared = await Promise.all([compareSweep(request, sweeps.ports), compareSweep(request, sweeps.ports)]);
    expect(compared[0]).toEqual(compared[1]);
    expect(compared[0]).toMatchObject({ outcome: 'different', delaySeconds: 1 });
    const reported = await sweeps.run(request);
    expect(await sweeps.report(request, 'aborted')).toEqual(reported);
    expect((await sweeps.verdict(one.sweep)).divergences).toMatchObject({ missing: 0, extra: 0, changed: 2 });
    expect((await sweeps.gates.read('things'))?.gate.begun).toBeLessThanOrEqual(2);
  });

  it('go on where an invocation ran out of time: the stretches add up to the partition', async () => {
    const sweeps = await DeployedSweeps.of(frozenThings(), tables(things(3000), things(3000)));
    let calls = 0;
    sweeps.deadlines = [
      () => {
        calls += 1;
        return calls > 2 ? 0 : 900_000;
      },
      () => 900_000,
    ];
    const { sweep } = await sweeps.run();
    const stretches = [...(sweeps.stores.get(sweep)?.objects.keys() ?? [])].filter((key) => /^results.*\/1$/.test(key));
    expect(stretches).toHaveLength(1);
    expect(await sweeps.verdict(sweep)).toMatchObject({ verdict: 'EQUAL', counts: { source: 3000, target: 3000 } });
  });

  it('take a partition up again whose worker was killed', async () => {
    const both = tables(things(500), changed(1));
    let killed = 0;
    both.target.hooks.step = () => {
      if (killed++ === 0) throw new Error('killed');
    };
    const sweeps = await DeployedSweeps.of(frozenThings(), both);
    const { sweep } = await sweeps.run();
    expect(killed).toBeGreaterThan(1);
    expect((await sweeps.verdict(sweep)).divergences).toMatchObject({ missing: 0, extra: 0, changed: 1 });
  });

  it('[S13] stop all workers where the breaker trips, keep the dataset closed, and refuse the next sweep', async () => {
    const both = tables(things(500), things(500));
    both.target.hooks.step = () => {
      throw new Transient('read', 'interrupted');
    };
    const contract = frozenThings({ breaker: { errors: 1 } });
    const sweeps = await DeployedSweeps.of(contract, both);
    const { sweep, outcome } = await sweeps.run();
    expect(outcome).toBe('tripped');
    expect(await sweeps.verdict(sweep)).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'breaker-errors', count: 2 }],
      breaker: { cause: 'errors', seen: 2, allowed: 1 },
    });
    const halted = await hashPartition(
      {
        ...sweeps.request(),
        execution: 'arn:aws:states:eu-central-1:000000000000:execution:sweep:1',
        side: 'source',
        partition: 0,
      },
      { ...sweeps.ports, deadline: { remaining: () => 900_000 } },
    );
    expect(halted.outcome).toBe('halted');
    both.target.hooks = {};
    const { opened } = both.source;
    const refused = await sweeps.run();
    expect(both.source.opened).toBe(opened);
    expect(await sweeps.verdict(refused.sweep)).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'breaker-open' }],
    });
  });

  it('[S13] is INCONCLUSIVE when a connection leads elsewhere in mid-run, though what is read there would be equal', async () => {
    const both = tables(
      things(500, (row, id) => (id === 499 ? { ...row, name: 'lost' } : row)),
      things(500),
      true,
    );
    let steps = 0;
    both.source.hooks.step = () => {
      steps += 1;
      // Somebody repoints the secret: from here on the target is read in the source's place.
      if (steps === 2) Object.assign(both.source, { identity: 'another', rows: things(500) });
    };
    const sweeps = await DeployedSweeps.of(settledThings(), both);
    const { sweep } = await sweeps.run();
    expect(await sweeps.verdict(sweep)).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reasons: [{ code: 'place-changed', side: 'source' }],
    });
  });

  it('is INCONCLUSIVE when a deployment replaces the code in mid-run, under the digest of what planned it', async () => {
    const both = tables(things(500), things(500));
    const sweeps = await DeployedSweeps.of(frozenThings(), both);
    both.target.hooks.step = () => {
      sweeps.code = '1'.repeat(64);
    };
    const { sweep } = await sweeps.run();
    const verdict = await sweeps.verdict(sweep);
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', code: '0'.repeat(64) });
    expect(verdict.reasons.map(({ code }) => code)).toContain('code-changed');
  });

  it.each([
    ['a side that may not be read', new Problem('access-denied'), 'access-denied'],
    ['a side that cannot be reached', new Transient('connect', 'interrupted'), 'side-missing'],
  ])('is INCONCLUSIVE with its reason: %s', async (_, error, code) => {
    const both = tables(things(10), things(10));
    both.target.hooks.open = () => {
      throw error;
    };
    const sweeps = await DeployedSweeps.of(frozenThings(), both);
    const { sweep } = await sweeps.run();
    expect(await sweeps.verdict(sweep)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code, side: 'target' }] });
  });

  it('is INCONCLUSIVE where a partition is never read, by the partition', async () => {
    const both = tables(things(500), things(500));
    both.source.hooks.step = () => {
      throw new Error('killed');
    };
    const sweeps = await DeployedSweeps.of(frozenThings(), both);
    const { sweep } = await sweeps.run();
    const { verdict, reasons } = await sweeps.verdict(sweep);
    expect(verdict).toBe('INCONCLUSIVE');
    expect(reasons.map(({ code, side }) => [code, side])).toContainEqual(['partition-unread', 'source']);
  });

  describe('where locate is killed on every attempt', () => {
    const killed = async (contract: Parameters<typeof DeployedSweeps.of>[0], target = changed(3), settled = false) => {
      const both = tables(things(500), target, settled);
      const sweeps = await DeployedSweeps.of(contract, both);
      const request = sweeps.request();
      const { sweep } = await startSweep(request, sweeps.ports);
      const items: { side: 'source' | 'target'; partition: number }[] = JSON.parse(
        Buffer.from(sweeps.stores.get(sweep)?.objects.get('items') ?? '[]').toString(),
      );
      for (const item of items) await sweeps.hash({ ...request, ...item });
      await compareSweep(request, sweeps.ports);
      await sweeps.report(request, 'failed');
      const { verdict, reasons, listing } = await sweeps.verdict(sweep);
      return { verdict, reasons: reasons.map(({ code }) => code), listing };
    };

    it('frozen sides that differ are DIVERGED: only which rows do is unknown', async () => {
      const unread = { verdict: 'DIVERGED', reasons: ['suspects-unread'], listing: 'partial' };
      expect(await killed(frozenThings())).toEqual(unread);
    });

    it('nothing is said of what may lie within a tolerance, of settled sides, or of equal ones', async () => {
      const columns = THING_COLUMNS.map((column) =>
        column.name === 'amount' ? { ...column, tolerance: '0.5' } : column,
      );
      expect(await killed(frozenThings({ columns }))).toMatchObject({
        verdict: 'INCONCLUSIVE',
        reasons: ['suspects-unread'],
      });
      const failed = { verdict: 'INCONCLUSIVE', reasons: ['worker-failed'] };
      expect(await killed(settledThings(), changed(3), true)).toMatchObject(failed);
      expect(await killed(frozenThings(), things(500))).toMatchObject(failed);
    });
  });

  it.each(['timed-out', 'aborted'] as const)('reports an execution that was %s, once', async (ending) => {
    const sweeps = await DeployedSweeps.of(frozenThings(), tables(things(10), things(10)));
    const request = sweeps.request();
    const { sweep } = await startSweep(request, sweeps.ports);
    await sweeps.report(request, ending);
    expect(await sweeps.verdict(sweep)).toMatchObject({ verdict: 'INCONCLUSIVE', reasons: [{ code: 'interrupted' }] });
    expect(await sweeps.report(request)).toMatchObject({ event: { reasons: ['interrupted'] } });
  });

  it('notices columns that changed after the last partition was opened', async () => {
    const both = tables(things(10), things(10), true);
    let reads = 0;
    both.target.hooks.step = () => {
      reads += 1;
      both.target.columns = { ...both.target.columns, more: 'any' };
    };
    const sweeps = await DeployedSweeps.of(settledThings(), both);
    const { sweep } = await sweeps.run();
    expect(reads).toBeGreaterThan(0);
    expect((await sweeps.verdict(sweep)).reasons).toMatchObject([{ code: 'schema-changed', side: 'target' }]);
  });

  it('begins nothing that is not configured, or that would have to wait too long, and says so under seal', async () => {
    const sweeps = await DeployedSweeps.of(frozenThings(), tables(things(10), things(10)));
    sweeps.sweeps = '{}';
    const { sweep } = await sweeps.run();
    expect((await sweeps.verdict(sweep)).reasons).toMatchObject([
      { code: 'not-begun', problem: 'configuration-invalid' },
    ]);
    const patient = await DeployedSweeps.of(
      settledThings({ settle: { delaySeconds: 3600, attempts: 2 } }),
      tables(things(10), things(10), true),
    );
    const waiting = await patient.run();
    expect((await patient.verdict(waiting.sweep)).reasons).toMatchObject([
      { code: 'not-begun', problem: 'not-implemented' },
    ]);
  });

  it('begins nothing whose sketches the functions could not hold, and says how many rows they can', async () => {
    const widest = largestCapacity(keyWidth(frozenThings()));
    expect(widest).toBeGreaterThan(500_000);
    expect(largestCapacity(240)).toBeLessThan(widest);
    expect(() => demandRoom(frozenThings({ capacity: widest }))).not.toThrow();
    const both = tables(things(10), things(10));
    const sweeps = await DeployedSweeps.of(frozenThings({ capacity: widest + 1 }), both);
    const { sweep } = await sweeps.run();
    expect((await sweeps.verdict(sweep)).reasons).toMatchObject([
      {
        code: 'not-begun',
        problem: 'not-implemented',
        errors: [{ pointer: '/capacity', rule: `at most ${widest} as deployed` }],
      },
    ]);
    expect(both.source.opened + both.target.opened).toBe(0);
  });

  it('[S09] runs nothing, and reports nothing, under a contract that nobody pinned has signed', async () => {
    const both = tables(things(10), things(10));
    const text = JSON.stringify(contractOf({ key: ['id'], columns: [{ name: 'id', type: { kind: 'integer' } }] }));
    const sweeps = new DeployedSweeps({ text, signature: 'none' }, both);
    await expect(sweeps.run()).rejects.toMatchObject({ code: 'contract-untrusted' });
    expect([both.source.opened, sweeps.audit.versions.size]).toEqual([0, 0]);
  });
});
