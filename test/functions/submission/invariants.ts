import { expect } from 'vitest';
import { ordinalOf } from '../../../shared/audit/entry.ts';
import { DEAD_ATTEMPT, KEYS } from '../../../shared/names.ts';
import { entriesOfRun, exportsOf, verifyRun } from '../../support/memory/verification.ts';
import type { World } from '../../support/memory/world.ts';

export interface Ending {
  readonly exported: readonly number[];
  readonly quarantined: readonly { readonly record: number; readonly code: string }[];
  /** By destination and part, without the run. */
  readonly exports: ReadonlyMap<string, string>;
}

/**
 * What holds for every run that came to its end, whatever failed on the way: the seal verifies, every record has one place,
 * the objects that the log counts in are there as it says, and what was exported is what the log says was.
 */
export async function endingOf(world: World, run: string): Promise<Ending> {
  const report = await verifyRun(world, run);
  const entries = entriesOfRun(world, run);
  const exported = entries.flatMap((entry) => (entry.action === 'record.exported' ? [ordinalOf(entry)] : []));
  const quarantined = entries.flatMap((entry) =>
    entry.action === 'record.quarantined' ? [{ record: ordinalOf(entry), code: entry.problem }] : [],
  );
  expect(report.counts.received).toBe(report.counts.exported + report.counts.quarantined);
  expect(report.counts.exported).toBe(exported.length);
  expect(new Set([...exported, ...quarantined.map(({ record }) => record)]).size).toBe(report.counts.received);
  expectOutputs(world, run);
  expectMarks(world, run);
  const exports = exportsOf(world, run);
  expect(rowsIn(exports)).toBe(exported.length);
  return { exported, quarantined, exports };
}

/** Each output that a commit counts in is stored, to the bit. */
function expectOutputs(world: World, run: string): void {
  const { working, vault, quarantine, exports } = world.buckets;
  const buckets = { records: working, vault, quarantine, problems: quarantine, export: exports };
  for (const entry of entriesOfRun(world, run)) {
    if (entry.action !== 'chunk.committed') continue;
    for (const { kind, key, bytes } of entry.outputs) {
      expect(Buffer.byteLength(buckets[kind].text(key))).toBe(bytes);
    }
  }
  expect(
    world.buckets.audit.keys(KEYS.auditPrefix(run)).every((key) => world.buckets.audit.versions.get(key)?.length === 1),
  ).toBe(true);
}

/**
 * What no commit names is marked, and what one names is not: nothing that counts can expire. Of a stage that never ended, and of an upload
 * that was refused in the middle, nothing is marked.
 */
function expectMarks(world: World, run: string): void {
  const entries = entriesOfRun(world, run);
  const named = new Set(
    entries.flatMap((entry) => (entry.action === 'chunk.committed' ? entry.outputs.map(({ key }) => key) : [])),
  );
  for (const entry of entries) {
    if (entry.action !== 'stage.ended' || entry.stage === 'custody') continue;
    const { stage, outcome } = entry;
    const final = stage !== 'ingestion' || outcome !== 'refused';
    const { vault, quarantine } = world.buckets;
    const written = [
      ...quarantine.keys(KEYS.quarantineSegments(stage, run)).map((key) => ({ key, store: quarantine })),
      ...quarantine.keys(KEYS.problemsOf(stage, run)).map((key) => ({ key, store: quarantine })),
      ...(stage === 'ingestion' ? vault.keys(KEYS.vaultSegments(run)).map((key) => ({ key, store: vault })) : []),
    ];
    for (const { key, store } of written) {
      const marks = store.versions.get(key)?.at(-1)?.tags;
      expect({ key, marks }).toEqual({ key, marks: final && !named.has(key) ? DEAD_ATTEMPT : {} });
    }
  }
}

function rowsIn(exports: ReadonlyMap<string, string>): number {
  let rows = 0;
  for (const [key, text] of exports) {
    if (key.endsWith('.csv')) rows += text.split('\r\n').length - 2;
    else if (key.endsWith('.ndjson')) rows += text.split('\n').length - 1;
    else if (!key.endsWith('manifest.json')) rows += (JSON.parse(text) as unknown[]).length;
  }
  return rows;
}
