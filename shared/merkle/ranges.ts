/**
 * Which subtrees a proof is made of, as ranges of leaves. RFC 6962 defines both proofs by recursion over the tree; each
 * element is the root over a range of leaves, and the ranges follow from the numbers alone.
 */

/** Leaves from `start` up to and without `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The audit path PATH(m, D[n]) of RFC 6962 section 2.1.1: the leaf's sibling first, the root's child last. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError('The index names no leaf of the tree.');
  }
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = start + splitOf(end - start);
    if (index < split) {
      ranges.unshift({ start: split, end });
      end = split;
    } else {
      ranges.unshift({ start, end: split });
      start = split;
    }
  }
  return ranges;
}

/** The consistency proof PROOF(m, D[n]) of RFC 6962 section 2.1.2; empty when the trees are the same or the first is empty. */
export function consistencyRanges(first: number, second: number): LeafRange[] {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second) || first < 0 || first > second) {
    throw new RangeError('The first tree is no larger than the second.');
  }
  if (first === 0 || first === second) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = second;
  while (first < end) {
    const split = start + splitOf(end - start);
    if (first <= split) {
      ranges.unshift({ start: split, end });
      end = split;
    } else {
      ranges.unshift({ start, end: split });
      start = split;
    }
  }
  // The verifier knows the root over [0, first): the subtree that ends there is only needed when it is a part of it.
  if (start > 0) ranges.unshift({ start, end });
  return ranges;
}

/** The largest power of two smaller than `size` (at least 2). */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
