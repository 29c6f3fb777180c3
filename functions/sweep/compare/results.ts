/** Takes up what was committed, partition by partition and stretch by stretch, and adds it up. */
import { LOSSY_RULES, type LossyRule } from '../../../shared/canonical/notes.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import type { SideName } from '../../../shared/equivalence/relation.ts';
import { Coverage } from '../../../shared/fingerprint/coverage.ts';
import type { Aggregate } from '../../../shared/sketch/aggregate.ts';
import { createSide } from '../../../shared/sketch/side.ts';
import type { SweepEvent } from '../../../shared/verdict/entries.ts';
import type { SideCoverage } from '../../../shared/verdict/schema.ts';
import type { ColumnCounts } from '../engines/engine.ts';
import type { SweepManifest } from '../protocol/manifest.ts';
import { SWEEP_KEYS, type SweepStore } from '../protocol/ports.ts';
import { decodeResult } from '../protocol/result.ts';

export interface GatheredSide {
  readonly coverage: SideCoverage;
  /** Undefined while a partition has no result: a sum of some is the sum of another set. */
  readonly aggregate: Aggregate | undefined;
  readonly changed: readonly ColumnCounts[];
  readonly keys: readonly Uint8Array[];
  readonly events: readonly SweepEvent[];
}

/** In memory there is the sum so far and one result, whatever the number of partitions. */
export async function gather(side: SideName, manifest: SweepManifest, store: SweepStore): Promise<GatheredSide> {
  const { partitions } = manifest[side];
  const coverage = new Coverage<number>(partitions.length);
  const sum = createSide(manifest.sketch);
  const changed = new Map<string, Record<LossyRule | 'absent', number>>();
  const keys: Uint8Array[] = [];
  const events: SweepEvent[] = [];
  for (const partition of partitions.keys()) {
    let rows = 0;
    for (let stretch = 0; ; stretch++) {
      const bytes = await store.read(SWEEP_KEYS.result(side, partition, stretch));
      // What is there of a partition that was not read to its end is left out of the sum, and the sum then unused.
      if (bytes === undefined) break;
      const result = decodeResult(bytes, manifest.sketch);
      sum.add(result.aggregate);
      addCounts(changed, result.counts);
      for (const key of result.keys) keys.push(key);
      events.push({
        action: 'partition.hashed',
        side,
        partition,
        stretch,
        rows: result.rows,
        result: sha256Hex(bytes),
      });
      rows += result.rows;
      if (result.rest === undefined) {
        coverage.commit(partition, rows);
        break;
      }
    }
  }
  const { missing } = coverage;
  return {
    coverage: {
      partitions: partitions.length,
      covered: partitions.length - missing.length,
      rows: events.reduce((total, event) => total + (event.action === 'partition.hashed' ? event.rows : 0), 0),
      unread: [...missing],
    },
    aggregate: missing.length === 0 ? sum.aggregate() : undefined,
    changed: [...changed].map(([column, counts]) => ({ column, changed: counts })),
    keys,
    events,
  };
}

function addCounts(into: Map<string, Record<LossyRule | 'absent', number>>, counts: readonly ColumnCounts[]): void {
  for (const { column, changed } of counts) {
    const before = into.get(column);
    if (before === undefined) {
      into.set(column, { ...changed });
      continue;
    }
    for (const rule of [...LOSSY_RULES, 'absent' as const]) before[rule] += changed[rule];
  }
}
