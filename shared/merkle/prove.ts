/** Makes proofs in one pass over the leaf hashes, in O(log n) memory. Verification stands apart, in verify.ts. */
import { TreeBuilder } from './builder.ts';
import { consistencyRanges, inclusionRanges, type LeafRange } from './ranges.ts';

/** Takes all leaf hashes of a tree in order and gives the roots over the ranges that it was made for. */
export class Prover {
  readonly #size: number;
  readonly #parts: { readonly range: LeafRange; readonly tree: TreeBuilder }[];
  /** The same parts in the order of the leaves; the ranges of one proof never overlap. */
  readonly #pending: { readonly range: LeafRange; readonly tree: TreeBuilder }[];
  #next = 0;

  /** A proof that the leaf at `index` (from 0) is in the tree of `size` leaves. RangeError when there is no such leaf. */
  static ofInclusion(index: number, size: number): Prover {
    return new Prover(inclusionRanges(index, size), size);
  }

  /** A proof that the tree of `first` leaves is the beginning of that of `second` leaves. RangeError when it is larger. */
  static ofConsistency(first: number, second: number): Prover {
    return new Prover(consistencyRanges(first, second), second);
  }

  private constructor(ranges: readonly LeafRange[], size: number) {
    this.#size = size;
    this.#parts = ranges.map((range) => ({ range, tree: new TreeBuilder() }));
    this.#pending = this.#parts.toSorted((left, right) => left.range.start - right.range.start);
  }

  /** Takes the hash of the next leaf. */
  append(leafHash: Uint8Array): void {
    const index = this.#next++;
    while ((this.#pending[0]?.range.end ?? Number.POSITIVE_INFINITY) <= index) this.#pending.shift();
    const part = this.#pending[0];
    if (part !== undefined && part.range.start <= index) part.tree.append(leafHash);
  }

  /** The proof, in the order of RFC 6962. RangeError unless exactly the tree's leaves have been appended. */
  proof(): Uint8Array[] {
    if (this.#next !== this.#size) throw new RangeError('The proof needs every leaf of the tree, and no more.');
    return this.#parts.map(({ tree }) => tree.root());
  }
}

/** The inclusion proof over leaf hashes at hand. */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number): Uint8Array[] {
  return run(Prover.ofInclusion(index, leafHashes.length), leafHashes);
}

/** The consistency proof between the first `first` leaves and all of them. */
export function consistencyProof(leafHashes: readonly Uint8Array[], first: number): Uint8Array[] {
  return run(Prover.ofConsistency(first, leafHashes.length), leafHashes);
}

function run(prover: Prover, leafHashes: readonly Uint8Array[]): Uint8Array[] {
  for (const hash of leafHashes) prover.append(hash);
  return prover.proof();
}
