/**
 * The third step. Whether every partition is there exactly once, whether the sums are equal, and what differs if they are not. It holds the
 * cell key and not the sweep key: it can name what differs, and cannot look up what a row holds.
 */
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { difference, equal, type MultisetHash } from '../../../shared/fingerprint/multiset.ts';
import type { KeyService } from '../../../shared/ports.ts';
import type { Aggregate } from '../../../shared/sketch/aggregate.ts';
import { type CellKeys, expandCellKey } from '../../../shared/sketch/cell-keys.ts';
import { decodeDifference, explains } from '../../../shared/sketch/decode.ts';
import { estimateDifference, firstLevel } from '../../../shared/sketch/strata.ts';
import { driftTrip } from '../../../shared/verdict/breaker.ts';
import { driftOf } from '../../../shared/verdict/drift.ts';
import type { SweepEvent } from '../../../shared/verdict/entries.ts';
import type { ComparedSides, Comparison } from '../protocol/comparison.ts';
import { openCellKey } from '../protocol/keys.ts';
import type { SweepManifest } from '../protocol/manifest.ts';
import type { SweepStore } from '../protocol/ports.ts';
import { type GatheredSide, gather } from './results.ts';

export interface ComparePorts {
  readonly store: SweepStore;
  readonly keys: KeyService;
}

export async function compare(
  manifest: SweepManifest,
  rules: Equivalence['breaker'],
  ports: ComparePorts,
): Promise<Comparison> {
  const source = await gather('source', manifest, ports.store);
  const target = await gather('target', manifest, ports.store);
  const outcome = await compareSides(source, target, manifest, rules, ports);
  const compared: SweepEvent[] =
    outcome === undefined
      ? []
      : [
          {
            action: 'sweep.compared',
            counts: outcome.counts,
            fingerprints: outcome.fingerprints,
            equal: outcome.equal,
          },
        ];
  return {
    coverage: { source: source.coverage, target: target.coverage },
    changed: { source: source.changed, target: target.changed },
    keySample: source.keys,
    outcome,
    events: [...source.events, ...target.events, ...compared],
  };
}

async function compareSides(
  source: GatheredSide,
  target: GatheredSide,
  manifest: SweepManifest,
  rules: Equivalence['breaker'],
  { keys }: ComparePorts,
): Promise<ComparedSides | undefined> {
  const [left, right] = [source.aggregate, target.aggregate];
  if (left === undefined || right === undefined) return undefined;
  const counts = { source: Number(left.set.count), target: Number(right.set.count) };
  const cellKeys = expandCellKey(await openCellKey(manifest, keys), manifest.sketch);
  const same = equal(left.set, right.set);
  const decoded = same ? { items: [], complete: true } : decode(left, right, cellKeys);
  const estimate = same
    ? { items: 0, standardError: 0 }
    : decoded.complete
      ? { items: decoded.items.length, standardError: 0 }
      : estimateDifference(left.strata, right.strata, cellKeys.strata, firstLevel(manifest.sketch));
  const drift = driftOf(estimate, counts);
  return {
    counts,
    equal: same,
    complete: decoded.complete,
    items: decoded.items,
    fingerprints: { source: hexOf(left.set), target: hexOf(right.set) },
    drift,
    trip: driftTrip(rules, drift),
  };
}

/** What the cells gave counts as the whole only when it accounts for the sums, which do not lean on any cell. */
function decode(source: Aggregate, target: Aggregate, keys: CellKeys) {
  const decoded = decodeDifference(source.sketch, target.sketch, keys);
  return { items: decoded.items, complete: explains(decoded, difference(source.set, target.set)) };
}

const hexOf = ({ sum }: MultisetHash): string => sum.toString(16).padStart(64, '0');
