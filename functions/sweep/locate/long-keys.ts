import { keyId } from '../../../shared/sketch/item.ts';
import type { SketchPlan } from '../../../shared/sketch/plan.ts';
import type { Suspect } from '../../../shared/verdict/suspects.ts';
import type { SideAgain } from './read-again.ts';

/** The keys behind keyed ids, by the id in hex. */
export type LongKeys = ReadonlyMap<string, Uint8Array>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Finds the keys that were too long for their slot, by a scan of keys alone. Only keys of that length are hashed.
 */
export async function resolveLongKeys(
  suspects: readonly Suspect[],
  plan: SketchPlan,
  keyIdKey: Uint8Array,
  sides: { readonly source: SideAgain; readonly target: SideAgain },
): Promise<LongKeys> {
  const found = new Map<string, Uint8Array>();
  const open = new Map<string, Suspect>();
  for (const suspect of suspects) if (suspect.key.kind === 'id') open.set(hex(suspect.key.id), suspect);
  // A row that the source has more of is there, unless it went away since: then it may be at the target, or at neither.
  const atSource = [...open.values()].some(({ difference }) => [...difference.values()].some((times) => times > 0));
  for (const side of atSource ? (['source', 'target'] as const) : (['target', 'source'] as const)) {
    if (open.size === 0) break;
    const keys = await sides[side].keysThat(
      (key) => key.length >= plan.slotBytes && open.has(hex(keyId(keyIdKey, key))),
    );
    for (const key of keys) {
      const id = hex(keyId(keyIdKey, key));
      found.set(id, key);
      open.delete(id);
    }
  }
  return found;
}
