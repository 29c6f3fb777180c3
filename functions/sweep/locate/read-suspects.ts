/** One reading of suspects from both sides: by their keys, or, where rows have no key, by what the sides come to as a whole. */
import { comparedColumns } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import type { SweepKeys } from '../../../shared/fingerprint/keys.ts';
import { expandCellKey } from '../../../shared/sketch/cell-keys.ts';
import { decodeDifference } from '../../../shared/sketch/decode.ts';
import type { ItemKey } from '../../../shared/sketch/item.ts';
import type { SketchPlan } from '../../../shared/sketch/plan.ts';
import { examine, multisetFindings } from '../../../shared/verdict/reading.ts';
import { keyText } from '../engines/kept-rows.ts';
import type { LongKeys } from './long-keys.ts';
import type { SideAgain } from './read-again.ts';
import type { Suspicion } from './suspicion.ts';

/** Looked up at once where that takes no scan: bounds what is in memory. */
const BATCH = 2_000;

export interface BothSides {
  readonly source: SideAgain;
  readonly target: SideAgain;
}

export function keyBytes(key: ItemKey, longKeys: LongKeys): Uint8Array | undefined {
  if (key.kind === 'key') return key.bytes;
  return key.kind === 'id' ? longKeys.get(Buffer.from(key.id).toString('hex')) : undefined;
}

export async function readByKey(
  suspicions: readonly Suspicion[],
  contract: Equivalence,
  longKeys: LongKeys,
  { source, target }: BothSides,
): Promise<void> {
  const columns = comparedColumns(contract);
  const batch = source.keyed && target.keyed ? BATCH : Math.max(suspicions.length, 1);
  for (let at = 0; at < suspicions.length; at += batch) {
    const some = suspicions.slice(at, at + batch);
    const keys = some.flatMap(({ suspect }) => keyBytes(suspect.key, longKeys) ?? []);
    const [left, right] = await Promise.all([source.rowsOf(keys), target.rowsOf(keys)]);
    for (const suspicion of some) {
      const key = keyBytes(suspicion.suspect.key, longKeys);
      // A key that no scan found is at neither side.
      const name = key === undefined ? undefined : keyText(key);
      const reading = {
        source: (name === undefined ? undefined : left.get(name)) ?? [],
        target: (name === undefined ? undefined : right.get(name)) ?? [],
      };
      suspicion.read(examine(reading, columns), { source: reading.source.length, target: reading.target.length });
    }
  }
}

/** Without keys a row is found again by its PRF alone: both sides are summed anew, and what differed is looked for in what differs now. */
export async function readWhole(
  suspicions: readonly Suspicion[],
  plan: SketchPlan,
  keys: SweepKeys,
  { source, target }: BothSides,
): Promise<void> {
  const [left, right] = await Promise.all([source.aggregate(plan), target.aggregate(plan)]);
  const decoded = decodeDifference(left.sketch, right.sketch, expandCellKey(keys.cell, plan));
  const now = new Map(decoded.items.map(({ prf, multiplicity }) => [prf, multiplicity]));
  for (const suspicion of suspicions) {
    const found = [...suspicion.suspect.difference.keys()].flatMap((prf): [bigint, number][] => {
      const times = now.get(prf);
      return times === undefined ? [] : [[prf, times]];
    });
    // Nothing can be said of what is not among the decoded while others are left.
    if (found.length === 0 && !decoded.complete) continue;
    const difference = new Map(found);
    suspicion.read({ difference, findings: multisetFindings(difference), tolerated: [] });
  }
}
