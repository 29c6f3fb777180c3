import { describe, expect, it } from 'vitest';
import { operatorOf } from '../../../functions/submission/protocol/entries.ts';
import { seal } from '../../../functions/submission/seal/seal.ts';
import type { CustodyRequest } from '../../../shared/messages.ts';
import { KEYS, type Stage } from '../../../shared/names.ts';
import { parseQuarantineNote } from '../../../shared/quarantine-note.ts';
import { custodyRunIdOf, runIdOf } from '../../../shared/run-id.ts';
import { EXECUTION, execute, executeCustody } from '../../support/memory/execution.ts';
import { entriesOfRun, verifyRun } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';
import { endingOf } from './invariants.ts';

type Custody = CustodyRequest['custody'];
const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/operator/ada';

/** A run of which this stage has turned records away, and the request for its segment. */
async function quarantined(
  stage: Stage,
  kinds: readonly string[],
): Promise<{ world: World; custody: (action: Custody['action']) => Custody; records: number }> {
  const world = await World.open();
  const upload = await world.upload({ body: sample({ records: 20, faults: 0.3, kinds }).text });
  await execute(world, upload);
  const [key = ''] = world.buckets.quarantine.keys(`problems/${stage}/${runIdOf(upload)}/`);
  const { context, records } = parseQuarantineNote(world.buckets.quarantine.text(key));
  return {
    world,
    custody: (action) => ({ ...context, action, operator: OPERATOR }),
    records: records.length,
  };
}

describe('the custodian', () => {
  it('releases what reconciliation turned away to the same boundary, where the ledger now knows it', async () => {
    const { world, custody, records } = await quarantined('reconciliation', ['unknown-grant']);
    const [grant] = world.ledger.grantItems.values();
    if (grant) world.ledger.grantItems.set('GRA-9999999', { ...grant, id: 'GRA-9999999' });
    const { stages, sealed } = await executeCustody(world, custody('release'), { execution: `${EXECUTION}-r` });
    expect(stages.map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['ingestion', 'passed'],
      ['reconciliation', expect.any(String)],
      ...(stages.length > 2
        ? [
            ['processing', 'passed'],
            ['egress', 'passed'],
          ]
        : []),
    ]);
    const run = custodyRunIdOf(custody('release'));
    expect(sealed).toMatchObject({ run, counts: { received: records } });
    await endingOf(world, run);
    expect(entriesOfRun(world, run)[0]).toMatchObject({ action: 'quarantine.released', outcome: 'allowed', records });
  });

  it('passes over no rule: what is released unmended is turned away again', async () => {
    const { world, custody, records } = await quarantined('processing', ['foreign-currency']);
    const { stages, sealed } = await executeCustody(world, custody('release'));
    expect(stages.map(({ stage }) => stage)).toEqual(['reconciliation', 'processing']);
    expect(sealed).toMatchObject({ outcome: 'quarantined', counts: { received: records, quarantined: records } });
    const { quarantined: again } = await endingOf(world, custodyRunIdOf(custody('release')));
    expect(new Set(again.map(({ code }) => code))).toEqual(new Set(['rule-form-990']));
  });

  it('exports what egress turned away once its destination is registered, with its values', async () => {
    const world = await World.open();
    const registered = world.destinations.items.get('GTR-0001');
    world.destinations.items.delete('GTR-0001');
    const { text, records } = sample({ records: 30 });
    const upload = await world.upload({ body: text });
    await execute(world, upload);
    if (registered) world.destinations.items.set('GTR-0001', registered);
    const [key = ''] = world.buckets.quarantine.keys(`problems/egress/${runIdOf(upload)}/`);
    const { context } = parseQuarantineNote(world.buckets.quarantine.text(key));
    const custody = { ...context, action: 'release', operator: OPERATOR } as const;
    expect((await executeCustody(world, custody)).sealed).toMatchObject({ outcome: 'exported' });
    const { exports } = await endingOf(world, custodyRunIdOf(custody));
    const own = records.filter(({ record }) => record.grantor_id === 'GTR-0001');
    const [part = ''] = [...exports.values()].filter((each) =>
      own.every(({ record }) => each.includes(String(record.contact_email))),
    );
    expect(part).not.toBe('');
  });

  it('releases once: a second request, by whoever, changes nothing', async () => {
    const { world, custody } = await quarantined('processing', ['foreign-currency']);
    await executeCustody(world, custody('release'));
    const before = world.buckets.audit.keys();
    const again = await executeCustody(world, custody('release'), { execution: `${EXECUTION}-2` });
    expect(again.stages.map(({ outcome }) => outcome)).toEqual(['settled']);
    const discard = await executeCustody(world, custody('discard'), { execution: `${EXECUTION}-3` });
    expect(discard.stages.map(({ outcome }) => outcome)).toEqual(['settled']);
    expect(world.buckets.audit.keys()).toEqual(before);
  });

  it('discards the records, after the entry that says so, and keeps the reasons', async () => {
    const { world, custody, records } = await quarantined('ingestion', ['missing-field']);
    const segments = world.buckets.quarantine.keys('records/');
    const problems = world.buckets.quarantine.keys('problems/');
    expect(segments).toHaveLength(1);
    const { sealed } = await executeCustody(world, custody('discard'));
    expect(sealed).toMatchObject({ outcome: 'discarded', counts: { received: 0, passed: 0, quarantined: 0 } });
    expect(world.buckets.quarantine.keys('records/')).toEqual([]);
    expect(world.buckets.quarantine.keys('problems/')).toEqual(problems);
    const run = custodyRunIdOf(custody('discard'));
    expect((await verifyRun(world, run)).outcome).toBe('discarded');
    expect(entriesOfRun(world, run)[0]).toMatchObject({ action: 'quarantine.discarded', records });
  });

  it('[B03] discards every version: a put that was repeated has left two', async () => {
    const { world, custody } = await quarantined('ingestion', ['missing-field']);
    const { quarantine } = world.buckets;
    const [key = ''] = quarantine.keys('records/');
    await quarantine.put(key, Buffer.from(quarantine.text(key)), { contentType: 'application/json' });
    expect((await executeCustody(world, custody('discard'))).sealed?.outcome).toBe('discarded');
    expect(quarantine.versions.get(key)).toBeUndefined();
  });

  it('comes to the same end whichever call fails, and discards nothing without its entry', async () => {
    const { world: probe, custody: asked } = await quarantined('ingestion', ['missing-field']);
    const calls = probe.faults.calls.length;
    await executeCustody(probe, asked('discard'));
    for (let ordinal = calls + 1; ordinal <= probe.faults.calls.length; ordinal += 1) {
      for (const kind of ['before', 'after'] as const) {
        const { world, custody } = await quarantined('ingestion', ['missing-field']);
        world.faults.plan = (call) => (call.ordinal === ordinal ? kind : undefined);
        const { sealed } = await executeCustody(world, custody('discard'));
        expect(sealed?.outcome).toBe('discarded');
        expect(world.buckets.quarantine.keys('records/')).toEqual([]);
        await verifyRun(world, custodyRunIdOf(custody('discard')));
      }
    }
  });

  it('does not release what ingestion turned away: it is mended and submitted anew', async () => {
    const { world, custody } = await quarantined('ingestion', ['missing-field']);
    const { status, history } = await executeCustody(world, custody('release'), { retries: 0 });
    expect(status).toBe('FAILED');
    expect(history).toContainEqual(expect.objectContaining({ error: 'usage-invalid' }));
    // The segment is still there to be discarded.
    expect((await executeCustody(world, custody('discard'))).sealed?.outcome).toBe('discarded');
  });

  it('[B16] seals what it could not do, and takes it up again when it is asked again', async () => {
    const { world, custody, records } = await quarantined('processing', ['foreign-currency']);
    world.faults.plan = ({ name }) => (name === 'quarantineKey.open' ? 'before' : undefined);
    const { status, sealed } = await executeCustody(world, custody('release'), { retries: 0 });
    world.faults.plan = () => undefined;
    const run = custodyRunIdOf(custody('release'));
    expect(status).toBe('FAILED');
    expect(sealed).toMatchObject({ run, outcome: 'failed', seal: { generation: 1 } });
    // The custodian never came to say who asked; the seal does.
    const [failed] = entriesOfRun(world, run);
    expect(failed).toMatchObject({ action: 'run.ended', who: operatorOf(OPERATOR) });
    expect((await verifyRun(world, run)).outcome).toBe('failed');
    const again = await executeCustody(world, custody('release'), { execution: `${EXECUTION}-2` });
    expect(again.sealed).toMatchObject({
      outcome: 'quarantined',
      counts: { received: records },
      seal: { generation: 2 },
    });
    await endingOf(world, run);
  });

  it('[B16] is sealed by whoever finds its execution dead, whether it had begun or not', async () => {
    const { world, custody } = await quarantined('ingestion', ['missing-field']);
    const { action: _action, operator: _operator, ...segment } = custody('discard');
    const request = { execution: EXECUTION, ending: 'aborted', custody: segment } as const;
    expect(await seal(request, world.seal)).toMatchObject({
      run: custodyRunIdOf(custody('discard')),
      outcome: 'failed',
    });
    // Nothing was discarded: the segment waits for the next request.
    expect((await executeCustody(world, custody('discard'), { execution: `${EXECUTION}-2` })).sealed?.outcome).toBe(
      'discarded',
    );
    await verifyRun(world, custodyRunIdOf(custody('discard')));
  });

  describe('asked for an upload that was refused whole', () => {
    async function refused() {
      const world = await World.open();
      const upload = await world.upload({ body: 'nobody vouches for this', token: null });
      await execute(world, upload);
      const custody = { run: runIdOf(upload), upload: 'copy', operator: OPERATOR } as const;
      return { world, custody, key: KEYS.quarantinedUpload(custody.run) };
    }

    it('[B03] destroys every version of it, after the entry that says so, and keeps why it was refused', async () => {
      const { world, custody, key } = await refused();
      const { quarantine } = world.buckets;
      await quarantine.put(key, Buffer.from(quarantine.text(key)), { contentType: 'application/octet-stream' });
      const { sealed } = await executeCustody(world, { ...custody, action: 'discard' });
      expect(sealed).toMatchObject({ outcome: 'discarded', counts: { received: 0, passed: 0, quarantined: 0 } });
      expect(quarantine.keys()).toEqual([KEYS.uploadProblem(custody.run)]);
      const run = custodyRunIdOf(custody);
      expect((await verifyRun(world, run)).outcome).toBe('discarded');
      expect(entriesOfRun(world, run)[0]).toMatchObject({
        action: 'quarantine.discarded',
        resource: `upload/${custody.run}`,
      });
    });

    it('releases none: nothing has judged it', async () => {
      const { world, custody, key } = await refused();
      const released = await executeCustody(world, { ...custody, action: 'release' }, { retries: 0 });
      expect(released.history).toContainEqual(expect.objectContaining({ error: 'usage-invalid' }));
      expect(world.buckets.quarantine.keys()).toContain(key);
      // It is there to be discarded all the same.
      const discarded = await executeCustody(world, { ...custody, action: 'discard' }, { execution: `${EXECUTION}-2` });
      expect(discarded.sealed?.outcome).toBe('discarded');
    });

    it('says so where there is none', async () => {
      const { world, custody } = await refused();
      const elsewhere = { ...custody, run: '0'.repeat(32), action: 'discard' } as const;
      const { history, sealed } = await executeCustody(world, elsewhere, { retries: 0 });
      expect(history).toContainEqual(expect.objectContaining({ error: 'not-found' }));
      expect(sealed?.outcome).toBe('failed');
    });

    it('comes to the same end whichever call fails', async () => {
      const { world: probe, custody: asked } = await refused();
      const calls = probe.faults.calls.length;
      await executeCustody(probe, { ...asked, action: 'discard' });
      for (let ordinal = calls + 1; ordinal <= probe.faults.calls.length; ordinal += 1) {
        for (const kind of ['before', 'after'] as const) {
          const { world, custody, key } = await refused();
          world.faults.plan = (call) => (call.ordinal === ordinal ? kind : undefined);
          const { sealed } = await executeCustody(world, { ...custody, action: 'discard' });
          expect(sealed?.outcome).toBe('discarded');
          expect(world.buckets.quarantine.keys()).not.toContain(key);
          await verifyRun(world, custodyRunIdOf(custody));
        }
      }
    });
  });

  it('knows no segment that is not there, and opens none that has been moved', async () => {
    const { world, custody } = await quarantined('processing', ['foreign-currency']);
    const elsewhere = { ...custody('release'), chunk: 7 };
    expect((await executeCustody(world, elsewhere, { retries: 0 })).history).toContainEqual(
      expect.objectContaining({ error: 'not-found' }),
    );
    const { quarantine } = world.buckets;
    for (const key of quarantine.keys()) {
      const moved = key.replace('000000', '000007');
      await quarantine.put(moved, Buffer.from(quarantine.text(key)), { contentType: 'application/json' });
    }
    expect((await executeCustody(world, elsewhere, { retries: 0 })).history).toContainEqual(
      expect.objectContaining({ error: 'not-found' }),
    );
  });

  it('[B07] keeps a duplicate a duplicate', async () => {
    const world = await World.open();
    const body = sample({ records: 5 }).text;
    await execute(world, await world.upload({ body }));
    const upload = await world.upload({ key: 'in/again.ndjson', body });
    await execute(world, upload, { execution: `${EXECUTION}-2` });
    const [key = ''] = world.buckets.quarantine.keys(`problems/reconciliation/${runIdOf(upload)}/`);
    const { context } = parseQuarantineNote(world.buckets.quarantine.text(key));
    const { stages } = await executeCustody(world, { ...context, action: 'release', operator: OPERATOR });
    expect(stages.at(-1)?.problem?.code).toBe('submission-duplicate');
  });
});
