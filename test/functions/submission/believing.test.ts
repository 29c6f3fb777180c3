import { describe, expect, it } from 'vitest';
import { exportRecords } from '../../../functions/submission/egress/egress.ts';
import { Manifest } from '../../../functions/submission/protocol/manifest.ts';
import {
  decodeRecords,
  encodeRecords,
  type WorkingRecord,
} from '../../../functions/submission/protocol/working-record.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import type { UploadReference } from '../../../shared/messages.ts';
import { KEYS } from '../../../shared/names.ts';
import { parseQuarantineNote } from '../../../shared/quarantine-note.ts';
import { custodyRunIdOf, runIdOf } from '../../../shared/run-id.ts';
import { EXECUTION, execute, executeCustody } from '../../support/memory/execution.ts';
import { exportsOf } from '../../support/memory/verification.ts';
import { World } from '../../support/memory/world.ts';
import { sample } from '../../support/samples.ts';

const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/operator/ada';
const FORGED = 'f'.repeat(16);

/** An upload that has come as far as processing, whose answer is still to be given. */
async function processed(world: World, key: string, seed: string): Promise<UploadReference> {
  const upload = await world.upload({ key, body: sample({ records: 20, seed }).text });
  world.faults.plan = ({ name }) => (name === 'destinations.find' ? 'before' : undefined);
  await execute(world, upload, { retries: 0 });
  world.faults.plan = () => undefined;
  return upload;
}

function manifestOf(world: World, run: string): Manifest {
  const [key = ''] = world.buckets.working.keys(`processed/${run}/`).filter((each) => each.endsWith('manifest.json'));
  return Manifest.parse(JSON.parse(world.buckets.working.text(key)));
}

function recordsOf(world: World, { chunks: [chunk] }: Manifest): WorkingRecord[] {
  return decodeRecords(Buffer.from(world.buckets.working.text(chunk?.key ?? '')));
}

/** What a processing stage that is somebody else's hands to egress: whatever it likes, under its own key and prefix. */
async function handOver(world: World, manifest: Manifest, records: readonly WorkingRecord[]) {
  const { working } = world.buckets;
  const bytes = encodeRecords(records);
  const key = KEYS.chunk('processing', manifest.run, FORGED, 0);
  const [{ vault } = { vault: undefined }] = manifest.chunks;
  const chunk = { index: 0, key, sha256: sha256Hex(bytes), records: records.length, bytes: bytes.byteLength };
  await working.put(key, bytes, { contentType: 'application/x-ndjson' });
  const forged = { ...manifest, chunks: [vault === undefined ? chunk : { ...chunk, vault }] };
  const text = Buffer.from(JSON.stringify(forged));
  const reference = { key: KEYS.manifest('processing', manifest.run, FORGED), sha256: sha256Hex(text) };
  await working.put(reference.key, text, { contentType: 'application/json' });
  return { execution: EXECUTION, run: manifest.run, manifest: reference };
}

const refused = expect.objectContaining({ code: 'evidence-invalid' });

describe('[B22] egress, after a processing stage that has been taken over', () => {
  it('exports what was handed over untouched: the forgery itself is well-formed', async () => {
    const world = await World.open();
    const run = runIdOf(await processed(world, 'in/own.ndjson', 'own'));
    const manifest = manifestOf(world, run);
    const request = await handOver(world, manifest, recordsOf(world, manifest));
    expect(await exportRecords(request, world.egress)).toMatchObject({ outcome: 'passed' });
    expect(exportsOf(world, run).size).toBeGreaterThan(0);
  });

  it('resolves no token of another submission, whose vault segment is named in the place of its own', async () => {
    const world = await World.open();
    const victim = manifestOf(world, runIdOf(await processed(world, 'in/victim.ndjson', 'victim')));
    const run = runIdOf(await processed(world, 'in/own.ndjson', 'own'));
    const manifest = { ...manifestOf(world, run), chunks: victim.chunks };
    const request = await handOver(world, manifest, recordsOf(world, victim));
    await expect(exportRecords(request, world.egress)).rejects.toEqual(refused);
    // Nor when it says of the release that there is none.
    await expect(exportRecords({ ...request, submission: run }, world.egress)).rejects.toEqual(refused);
    expect(exportsOf(world, run).size).toBe(0);
  });

  it.each([
    [
      'for the destination of another grantor',
      (fields: WorkingRecord['fields']) => ({ ...fields, grantor_id: other(fields) }),
    ],
    [
      'in another field',
      (fields: WorkingRecord['fields']) => ({ ...fields, contact_name: fields.contact_email ?? null }),
    ],
  ])('resolves no token %s', async (_where, forge) => {
    const world = await World.open();
    const run = runIdOf(await processed(world, 'in/own.ndjson', 'own'));
    const manifest = manifestOf(world, run);
    const [first, ...rest] = recordsOf(world, manifest);
    if (first === undefined) throw new Error('no record');
    const request = await handOver(world, manifest, [{ ...first, fields: forge(first.fields) }, ...rest]);
    await expect(exportRecords(request, world.egress)).rejects.toEqual(refused);
    expect(exportsOf(world, run).size).toBe(0);
  });

  const other = ({ grantor_id }: WorkingRecord['fields']): string =>
    grantor_id === 'GTR-0001' ? 'GTR-0002' : 'GTR-0001';

  it('releases nothing by a note that names another submission’s vault', async () => {
    const world = await World.open();
    const victim = manifestOf(world, runIdOf(await processed(world, 'in/victim.ndjson', 'victim')));
    const upload = await world.upload({ body: sample({ records: 20, faults: 0.3, kinds: ['foreign-currency'] }).text });
    await execute(world, upload);
    const { quarantine } = world.buckets;
    const [key = ''] = quarantine.keys(`problems/processing/${runIdOf(upload)}/`);
    const note = parseQuarantineNote(quarantine.text(key));
    const forged = { ...note, vault: victim.chunks[0]?.vault };
    await quarantine.put(key, Buffer.from(JSON.stringify(forged)), { contentType: 'application/json' });
    const custody = { ...note.context, action: 'release', operator: OPERATOR } as const;
    const { history } = await executeCustody(world, custody, { retries: 0 });
    expect(history).toContainEqual(expect.objectContaining({ error: 'evidence-invalid' }));
  });

  it('still exports what was turned away twice, and released twice', async () => {
    const world = await World.open();
    const registered = new Map(world.destinations.items);
    world.destinations.items.clear();
    const upload = await world.upload({ body: sample({ records: 10 }).text });
    await execute(world, upload);
    const turnedAway = (run: string) => {
      const [key = ''] = world.buckets.quarantine.keys(`problems/egress/${run}/`);
      const { context } = parseQuarantineNote(world.buckets.quarantine.text(key));
      return { ...context, action: 'release', operator: OPERATOR } as const;
    };
    const first = turnedAway(runIdOf(upload));
    expect((await executeCustody(world, first)).sealed).toMatchObject({ outcome: 'quarantined' });
    const again = turnedAway(custodyRunIdOf(first));
    for (const [grantor, destination] of registered) world.destinations.items.set(grantor, destination);
    const { sealed } = await executeCustody(world, again, { execution: `${EXECUTION}-2` });
    expect(sealed).toMatchObject({ outcome: 'exported', counts: { received: 10, passed: 10 } });
  });
});
