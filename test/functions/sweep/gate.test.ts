import { describe, expect, it } from 'vitest';
import { closeBreaker } from '../../../functions/sweep/protocol/gate.ts';
import { Transient } from '../../../shared/transient.ts';
import { parseEntries } from '../../../shared/verdict/entries.ts';
import { isOpen } from '../../../shared/verdict/is-open.ts';
import { MemoryGates } from '../../support/memory/gates.ts';
import { DeployedSweeps } from '../../support/sweep/deployed.ts';
import { closingOf } from '../../support/sweep/gate.ts';
import { sweepTables } from '../../support/sweep/run.ts';
import { frozenThings, tables, things } from '../../support/sweep/things.ts';

const other = (count: number) => things(1000, (row, id) => (id < count ? { ...row, name: 'x' } : row));

async function answerOf(gates: MemoryGates) {
  const [gate] = await gates.list();
  return isOpen(gate, Date.now());
}

describe('[S13] sweeps and the gate', () => {
  it('opens the breaker when a rule trips in mid-run, and reads nothing in the next sweep', async () => {
    const gates = new MemoryGates();
    const contract = frozenThings({ breaker: { errors: 1 } });
    const failing = tables(things(4000), things(4000));
    failing.target.hooks.step = () => {
      throw new Transient('fetch', 'unavailable');
    };
    const { verdict } = await sweepTables(contract, failing, { gates, request: { partitions: 20 } });
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', breaker: { cause: 'errors' } });
    expect(await answerOf(gates)).toMatchObject({
      because: 'tripped',
      trips: [{ cause: 'errors', sweep: verdict.sweep }],
    });
    const sound = tables(things(1000), things(1000));
    await expect(sweepTables(contract, sound, { gates })).rejects.toMatchObject({ code: 'breaker-open' });
    expect(sound.source.scanned + sound.target.scanned).toBe(0);
  });

  it('has the breaker open before suspects are read again, or anything else is done', async () => {
    const gates = new MemoryGates();
    let tripped: boolean | undefined;
    await sweepTables(frozenThings({ breaker: { drift: { rows: 1 } } }), tables(things(1000), other(10)), {
      gates,
      progress: {
        rows() {},
        partition() {},
        planned() {},
        step: (name) => {
          if (name !== 'locating') return;
          tripped = [...gates.items.values()].some(({ gate }) => gate.trips.length > 0);
        },
      },
    });
    expect(tripped).toBe(true);
  });

  it('of two at once, the one that began last decides, also when it ends first', async () => {
    const gates = new MemoryGates();
    const contract = frozenThings({});
    const slow = tables(things(1000), things(1000));
    const newer = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const older = sweepTables(contract, slow, {
      gates,
      request: { partitions: 1 },
      // The older one has begun when it plans its rows, and waits.
      lanes: () => [
        {
          run: async () => {
            begun.resolve();
            await newer.promise;
            throw new Transient('fetch', 'unavailable');
          },
          stop: async () => {},
          end: async () => {},
        },
      ],
    });
    await begun.promise;
    const { verdict } = await sweepTables(contract, tables(things(1000), things(1000)), { gates });
    expect(verdict.verdict).toBe('EQUAL');
    newer.resolve();
    expect((await older).verdict.verdict).toBe('INCONCLUSIVE');
    expect(await answerOf(gates)).toMatchObject({ open: true, verdict: { sweep: verdict.sweep } });
  });

  it('gives no verdict away where the gate cannot be told: it fails, and nothing opens', async () => {
    const gates = new MemoryGates();
    const write = gates.write.bind(gates);
    gates.write = async (gate, revision) => {
      if (gate.verdict !== undefined) throw new Transient('UpdateItem', 'unavailable');
      return write(gate, revision);
    };
    await expect(sweepTables(frozenThings({}), tables(things(10), things(10)), { gates })).rejects.toThrow(Transient);
    expect(await answerOf(gates)).toMatchObject({ open: false, because: 'never-swept' });
  });

  it('seals in the log of the next deployed sweep who closed the breaker and why', async () => {
    const sweeps = await DeployedSweeps.of(
      frozenThings({ breaker: { drift: { rows: 1 } } }),
      tables(things(100), other(10).slice(0, 100)),
    );
    const tripping = await sweeps.run();
    expect(tripping).toMatchObject({ outcome: 'tripped', event: { breaker: 'drift' } });
    expect((await sweeps.run()).event.reasons).toEqual(['breaker-open']);
    const trips = (await sweeps.gates.read('things'))?.gate.trips ?? [];
    await closeBreaker(
      sweeps.gates,
      trips.map((trip) => closingOf('things', trip)),
    );
    const { sweep } = await sweeps.run();
    // Verifies, log and all.
    expect((await sweeps.verdict(sweep)).breaker).toMatchObject({ cause: 'drift' });
    const log = await sweeps.audit.get(`sweeps/things/${sweep}/entries.ndjson`, { maxBytes: 2 ** 20 });
    expect(parseEntries(Buffer.from(log?.bytes ?? []).toString('utf8'))[0]).toMatchObject({
      action: 'breaker.closed',
      tripped: tripping.sweep,
      by: 'somebody',
      reason: 'the load was repeated',
    });
  });

  it('seals who closed the breaker in a later log where the first sweep after it could not be sealed or kept', async () => {
    const contract = frozenThings({ breaker: { drift: { rows: 1 } } });
    const both = tables(things(100), other(10).slice(0, 100));
    const sweeps = await DeployedSweeps.of(contract, both);
    const closed = async (sweep: string) => {
      const log = await sweeps.audit.get(`sweeps/things/${sweep}/entries.ndjson`, { maxBytes: 2 ** 20 });
      const entries = parseEntries(Buffer.from(log?.bytes ?? []).toString('utf8'));
      return entries.flatMap((entry) => (entry.action === 'breaker.closed' ? [entry.tripped] : []));
    };
    const tripping = await sweeps.run();
    const trips = (await sweeps.gates.read('things'))?.gate.trips ?? [];
    await closeBreaker(
      sweeps.gates,
      trips.map((trip) => closingOf('things', trip)),
    );
    // One row differs, which trips nothing and is DIVERGED: the gate has that before anything is sealed.
    both.target.rows = other(1).slice(0, 100);
    const { signer, audit } = sweeps;
    const failing = async () => Promise.reject(new Transient('Sign', 'unavailable'));
    sweeps.signer = { publicKey: failing, sign: failing };
    await expect(sweeps.run()).rejects.toThrow(Transient);
    expect(await answerOf(sweeps.gates)).toMatchObject({ open: false, because: 'diverged' });
    sweeps.signer = signer;
    const create = audit.create.bind(audit);
    audit.create = failing;
    await expect(sweeps.run()).rejects.toThrow(Transient);
    audit.create = create;
    const { sweep } = await sweeps.run();
    expect(await closed(sweep)).toEqual([tripping.sweep]);
    expect(await closed((await sweeps.run()).sweep)).toEqual([]);
  });

  it('leaves who closed the breaker to the next log that somebody keeps, on one machine', async () => {
    const gates = new MemoryGates();
    const equal = () => tables(things(100), things(100));
    const contract = frozenThings({ breaker: { drift: { rows: 1 } } });
    await sweepTables(contract, tables(things(100), other(10).slice(0, 100)), { gates });
    const [gate] = await gates.list();
    await closeBreaker(gates, gate?.trips.map((trip) => closingOf('things', trip)) ?? []);
    const closings = ({ entries }: { readonly entries: string }) =>
      parseEntries(entries).filter(({ action }) => action === 'breaker.closed').length;
    expect(closings(await sweepTables(contract, equal(), { gates }))).toBe(1);
    const full = async () => Promise.reject(new Error('the disk is full'));
    await expect(sweepTables(contract, equal(), { gates, publish: full })).rejects.toThrow('the disk is full');
    const kept: string[] = [];
    const publish = async ({ entries }: { readonly entries: string }) => void kept.push(entries);
    await sweepTables(contract, equal(), { gates, publish });
    expect(kept.map((entries) => closings({ entries }))).toEqual([1]);
    expect(closings(await sweepTables(contract, equal(), { gates }))).toBe(0);
  });

  it('closes the gate before anything is sealed or published, and opens it after', async () => {
    const unavailable = async () => Promise.reject(new Transient('Sign', 'unavailable'));
    const signer = { publicKey: unavailable, sign: unavailable };
    for (const [target, because] of [
      [other(3).slice(0, 100), 'diverged'],
      [things(100), undefined],
    ] as const) {
      const both = tables(things(100), target);
      const gates = new MemoryGates();
      await sweepTables(frozenThings({}), tables(things(100), things(100)), { gates });
      const failing = sweepTables(frozenThings({}), both, { gates, signer });
      await expect(failing).rejects.toThrow(Transient);
      const answer = await answerOf(gates);
      expect(answer).toMatchObject(because === undefined ? { open: true } : { open: false, because });
      const deployed = await DeployedSweeps.of(frozenThings({}), both);
      deployed.signer = signer;
      await expect(deployed.run()).rejects.toThrow(Transient);
      expect(await answerOf(deployed.gates)).toMatchObject({ open: false, because: because ?? 'never-swept' });
    }
  });
});
