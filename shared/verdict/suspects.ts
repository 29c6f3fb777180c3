/** What a decoded sketch says about keys: which rows are suspected of what. */
import type { DecodedItem } from '../sketch/decoded.ts';
import type { ItemKey } from '../sketch/item.ts';

/**
 * Rows by the first 16 bytes of their PRF, each with how many more the source has than the target (negative: how many fewer). No entry is 0,
 * so that two differences are equal when their entries are.
 */
export type Difference = ReadonlyMap<bigint, number>;

/** Everything that differs under one key; without keys, one row that differs. */
export interface Suspect {
  readonly key: ItemKey;
  readonly difference: Difference;
}

/** Keyed as texts: bytes are no keys of a Map. */
function nameOf(key: ItemKey, prf: bigint): string {
  if (key.kind === 'none') return `row ${prf}`;
  return `${key.kind} ${Buffer.from(key.kind === 'key' ? key.bytes : key.id).toString('latin1')}`;
}

export function suspectsOf(items: readonly DecodedItem[]): Suspect[] {
  const byKey = new Map<string, { key: ItemKey; difference: Map<bigint, number> }>();
  for (const { key, prf, multiplicity } of items) {
    const name = nameOf(key, prf);
    const suspect = byKey.get(name) ?? { key, difference: new Map<bigint, number>() };
    suspect.difference.set(prf, multiplicity);
    byKey.set(name, suspect);
  }
  return [...byKey.values()];
}

/** Of rows that were read again, by their PRFs. */
export function differenceOf(source: readonly bigint[], target: readonly bigint[]): Difference {
  const difference = new Map<bigint, number>();
  const add = (prf: bigint, times: number): void => {
    const sum = (difference.get(prf) ?? 0) + times;
    if (sum === 0) difference.delete(prf);
    else difference.set(prf, sum);
  };
  for (const prf of source) add(prf, 1);
  for (const prf of target) add(prf, -1);
  return difference;
}

/** Whether all of `part` stands in `whole`. */
export function holds(whole: Difference, part: Difference): boolean {
  return [...part].every(([prf, times]) => whole.get(prf) === times);
}

export function sameDifference(left: Difference, right: Difference): boolean {
  return left.size === right.size && holds(left, right);
}

/** How many rows stand on one side only, by side. */
export function oneSided(difference: Difference): { readonly missing: number; readonly extra: number } {
  let missing = 0;
  let extra = 0;
  for (const times of difference.values()) {
    if (times > 0) missing += times;
    else extra -= times;
  }
  return { missing, extra };
}
