/** Makes the list of divergences of what was confirmed: in the order of keys, shown as the contract allows, each in its bucket. */
import type { Masks } from '../../../shared/equivalence/mask.ts';
import { comparedColumns } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { planBuckets } from '../../../shared/verdict/buckets.ts';
import { keyOrder } from '../../../shared/verdict/key-order.ts';
import { type Finding, multisetFindings } from '../../../shared/verdict/reading.ts';
import type { Bucket, Divergence } from '../../../shared/verdict/schema.ts';
import { showKey } from '../../../shared/verdict/shown-key.ts';
import type { LongKeys } from './long-keys.ts';
import { keyBytes } from './read-suspects.ts';
import type { Suspicion } from './suspicion.ts';

export interface ListOptions {
  readonly contract: Equivalence;
  readonly masks: Masks;
  readonly longKeys: LongKeys;
  readonly keySample: readonly Uint8Array[];
  /** Whether both engines keep the key unique: then a row missing here and extra there is one that changed, also if nobody read it again. */
  readonly unique: boolean;
}

export interface List {
  readonly divergences: readonly Divergence[];
  readonly buckets: readonly Bucket[];
}

export function listDivergences(confirmed: readonly Suspicion[], options: ListOptions): List {
  const { contract, masks, longKeys, keySample } = options;
  const keyColumns = comparedColumns(contract).slice(0, contract.key.length);
  const order = keyOrder(keyColumns);
  const map = planBuckets(keySample, order);
  const buckets = Array.from({ length: map.count }, () => ({ missing: 0, extra: 0, changed: 0 }));
  const known: { readonly key: Uint8Array; readonly entries: readonly Divergence[] }[] = [];
  const unknown: Divergence[] = [];
  for (const suspicion of confirmed) {
    const { suspect, rows } = suspicion;
    const key = keyBytes(suspect.key, longKeys);
    const findings = findingsOf(suspicion, options.unique);
    const counted = rows === undefined ? {} : { rows };
    if (key === undefined) {
      const id = idOf(suspicion);
      for (const finding of findings) unknown.push({ ...entryOf(finding), key: [], id, ...counted });
      continue;
    }
    const bucket = map.of(key);
    const shown = showKey(key, keyColumns, masks);
    const entries = findings.map((finding) => ({ ...entryOf(finding), key: shown, ...counted, bucket }));
    for (const { kind, times } of entries) {
      const drift = buckets[bucket];
      if (drift !== undefined) drift[kind] += times;
    }
    known.push({ key, entries });
  }
  known.sort((left, right) => order(left.key, right.key));
  unknown.sort((left, right) => (left.kind < right.kind ? -1 : left.kind > right.kind ? 1 : right.times - left.times));
  return { divergences: [...known.flatMap(({ entries }) => entries), ...unknown], buckets };
}

const entryOf = ({ kind, times, columns }: Finding): Omit<Divergence, 'key'> => ({
  kind,
  times,
  ...(columns === undefined ? {} : { columns: [...columns] }),
});

function findingsOf({ examined, suspect }: Suspicion, unique: boolean): readonly Finding[] {
  if (examined !== undefined) return examined.findings;
  const findings = multisetFindings(suspect.difference);
  const once = findings.length === 2 && findings.every(({ times }) => times === 1);
  return unique && once ? [{ kind: 'changed', times: 1 }] : findings;
}

/** A row without key is named by its PRF, which is keyed, and says nothing to whoever lacks the sweep's key. */
function idOf({ suspect: { key, difference } }: Suspicion): string {
  if (key.kind === 'id') return Buffer.from(key.id).toString('hex');
  const [prf = 0n] = difference.keys();
  return prf.toString(16).padStart(32, '0');
}
