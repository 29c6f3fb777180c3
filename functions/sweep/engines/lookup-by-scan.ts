import type { FoundRow, Reader } from './engine.ts';
import { KeptRows, keySet } from './kept-rows.ts';

/** Finds rows where no key can be turned back into values: by reading all of them, and keeping what is wanted. */
export async function lookupByScan(
  reader: Pick<Reader, 'plan' | 'scan'>,
  keys: readonly Uint8Array[],
): Promise<readonly FoundRow[]> {
  const kept = new KeptRows(keySet(keys));
  for (const partition of await reader.plan(1)) {
    // The rows are kept on the way; the steps say nothing more.
    for await (const _step of reader.scan(partition, kept));
  }
  return kept.rows;
}
