/** Computes the root of a tree whose leaves come one after the other, in O(log n) memory (a compact range). */
import { emptyRoot, HASH_BYTES, nodeHash } from './hash.ts';

/**
 * Keeps one hash per complete subtree that the leaves so far make up, largest first: their sizes are the binary digits
 * of the number of leaves.
 */
export class TreeBuilder {
  #size = 0;
  readonly #subtrees: Uint8Array[] = [];

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Takes the hash of the next leaf. */
  append(leafHash: Uint8Array): void {
    if (leafHash.length !== HASH_BYTES) throw new RangeError(`A hash has ${HASH_BYTES} bytes.`);
    let hash = leafHash;
    // Every trailing one of the old size is a complete subtree that the new one completes to the double.
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      const left = this.#subtrees.pop();
      if (left === undefined) break;
      hash = nodeHash(left, hash);
    }
    this.#subtrees.push(hash);
    this.#size++;
  }

  /** The root over the leaves so far; more may be appended afterwards. */
  root(): Uint8Array {
    const [last, ...larger] = this.#subtrees.toReversed();
    if (last === undefined) return emptyRoot();
    return larger.reduce((right, left) => nodeHash(left, right), last);
  }
}
