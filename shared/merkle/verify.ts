/** Verifies proofs as RFC 9162 sections 2.1.3.2 and 2.1.4.2 lay it down, from the numbers and hashes alone. */
import { Problem } from '../problem.ts';
import { emptyRoot, HASH_BYTES, nodeHash } from './hash.ts';

export interface InclusionClaim {
  /** From 0. */
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Returns when the leaf is in the tree; otherwise throws Problem('evidence-invalid'). */
export function verifyInclusion({ index, size, leafHash, proof, root }: InclusionClaim): void {
  demand(isCount(size) && isCount(index) && index < size, 'The index names no leaf of the tree.');
  demand([leafHash, root, ...proof].every(isHash), 'A hash has another length.');
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    demand(last > 0, 'The proof is too long.');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      // A right border node without a right sibling moves up until it is somebody's right child.
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  demand(last === 0, 'The proof is too short.');
  demand(equal(hash, root), 'The proof leads to another root.');
}

/** Returns when the first tree is the beginning of the second; otherwise throws Problem('evidence-invalid'). */
export function verifyConsistency({ first, second, firstRoot, secondRoot, proof }: ConsistencyClaim): void {
  demand(isCount(first) && isCount(second) && first <= second, 'The first tree is larger than the second.');
  demand([firstRoot, secondRoot, ...proof].every(isHash), 'A hash has another length.');
  if (first === second || first === 0) {
    demand(proof.length === 0, 'The proof is too long.');
    demand(equal(firstRoot, first === 0 ? emptyRoot() : secondRoot), 'The roots differ.');
    return;
  }
  let node = first - 1;
  let last = second - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // When the first tree is one complete subtree, its root is the proof's start and is left out of it.
  const [start, ...rest] = node === 0 ? [firstRoot, ...proof] : proof;
  if (start === undefined) throw new Problem('evidence-invalid', { detail: 'The proof is too short.' });
  let oldHash = start;
  let newHash = start;
  for (const sibling of rest) {
    demand(last > 0, 'The proof is too long.');
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  demand(last === 0, 'The proof is too short.');
  demand(equal(oldHash, firstRoot), 'The proof leads to another first root.');
  demand(equal(newHash, secondRoot), 'The proof leads to another second root.');
}

/** Shifts right by one; numbers above 2³² forbid the operator. */
function half(number: number): number {
  return Math.floor(number / 2);
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

/** Hashes are public: no constant time is needed. */
function equal(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function demand(condition: boolean, otherwise: string): void {
  if (!condition) throw new Problem('evidence-invalid', { detail: otherwise });
}
