/** Makes the proof of one entry from the whole log, in one pass. */
import { leafHash } from '../merkle/hash.ts';
import { Prover } from '../merkle/prove.ts';
import { Problem } from '../problem.ts';
import type { EntryProof } from './proof.ts';

/**
 * `leaves` are those of the sealed tree, in order; `checkpoint` is the signed note over it. Problem('not-found') when the tree
 * has no leaf at `index`, Problem('evidence-invalid') when there are more or fewer leaves than `size`.
 */
export async function proveEntry(
  leaves: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { index, size, checkpoint }: { readonly index: number; readonly size: number; readonly checkpoint: string },
): Promise<EntryProof> {
  if (index < 0 || index >= size) throw new Problem('not-found', { detail: `The log has entries 0 to ${size - 1}.` });
  const prover = Prover.ofInclusion(index, size);
  let found: Uint8Array | undefined;
  let count = 0;
  for await (const leaf of leaves) {
    if (count === index) found = leaf;
    prover.append(leafHash(leaf));
    count++;
  }
  if (found === undefined || count !== size) {
    throw new Problem('evidence-invalid', { detail: 'The entries at hand are not those of the tree.' });
  }
  return { leaf: found, index, path: prover.proof(), checkpoint };
}
