import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TreeBuilder } from '../../../shared/merkle/builder.ts';
import { leafHash } from '../../../shared/merkle/hash.ts';
import { consistencyProof, inclusionProof, Prover } from '../../../shared/merkle/prove.ts';
import {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from '../../../shared/merkle/verify.ts';
import { LEAF_HASHES, NODES, ROOTS } from './vectors.ts';

const invalid = expect.objectContaining({ code: 'evidence-invalid' });
const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
};
const flip = (hash: Uint8Array): Uint8Array => hash.with(0, (hash[0] ?? 0) ^ 1);
const hashes = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
const rootOf = (leaves: readonly Uint8Array[]): Uint8Array => {
  const tree = new TreeBuilder();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
};

describe('inclusion proof', () => {
  it('[B16] is the known one', () => {
    expect(inclusionProof(LEAF_HASHES, 0)).toEqual([at(LEAF_HASHES, 1), NODES['2-4'], NODES['4-8']]);
    expect(inclusionProof(LEAF_HASHES, 5)).toEqual([at(LEAF_HASHES, 4), NODES['6-8'], NODES['0-4']]);
    expect(inclusionProof(LEAF_HASHES.slice(0, 3), 2)).toEqual([NODES['0-2']]);
    expect(inclusionProof(LEAF_HASHES.slice(0, 7), 6)).toEqual([NODES['4-6'], NODES['0-4']]);
    expect(inclusionProof(LEAF_HASHES.slice(0, 1), 0)).toEqual([]);
  });

  it('verifies for every leaf of every tree up to 66 leaves, and for no other leaf', () => {
    for (let size = 1; size <= 66; size++) {
      const leaves = hashes(size);
      const root = rootOf(leaves);
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(leaves, index);
        verifyInclusion({ index, size, leafHash: at(leaves, index), proof, root });
        if (size > 1) {
          const other = at(leaves, (index + 1) % size);
          expect(() => verifyInclusion({ index, size, leafHash: other, proof, root })).toThrow(invalid);
        }
      }
    }
  });

  const good: InclusionClaim = {
    index: 5,
    size: 7,
    leafHash: at(LEAF_HASHES, 5),
    proof: inclusionProof(LEAF_HASHES.slice(0, 7), 5),
    root: at(ROOTS, 7),
  };

  it('verifies what the mutations start from', () => {
    expect(() => verifyInclusion(good)).not.toThrow();
  });

  it.each<[string, InclusionClaim]>([
    ['the next index', { ...good, index: 6 }],
    ['the index before', { ...good, index: 4 }],
    ['an index past the end', { ...good, index: 7 }],
    ['a negative index', { ...good, index: -1 }],
    ['half an index', { ...good, index: 4.5 }],
    ['no number', { ...good, index: Number.NaN }],
    // Not 8: for leaf 5 the path has the same form there. It is the signed checkpoint that vouches for the size.
    ['a larger tree', { ...good, size: 9 }],
    ['a tree of one leaf fewer', { ...good, size: 6 }],
    ['an empty tree', { ...good, size: 0 }],
    ['another leaf', { ...good, leafHash: at(LEAF_HASHES, 4) }],
    ['another root', { ...good, root: at(ROOTS, 8) }],
    ['one bit of the root', { ...good, root: flip(good.root) }],
    ['no proof', { ...good, proof: [] }],
    ['one element fewer at the end', { ...good, proof: good.proof.slice(0, -1) }],
    ['one element fewer at the start', { ...good, proof: good.proof.slice(1) }],
    ['one element more at the end', { ...good, proof: [...good.proof, at(ROOTS, 1)] }],
    ['the root as one more element', { ...good, proof: [...good.proof, good.root] }],
    ['one element more at the start', { ...good, proof: [at(ROOTS, 1), ...good.proof] }],
    ['elements in another order', { ...good, proof: good.proof.toReversed() }],
    ['an element cut short', { ...good, proof: good.proof.map((hash) => hash.subarray(0, 31)) }],
    ...good.proof.map((hash, index): [string, InclusionClaim] => [
      `one bit of element ${index}`,
      { ...good, proof: good.proof.with(index, flip(hash)) },
    ]),
  ])('does not verify with %s', (_mutation, claim) => {
    expect(() => verifyInclusion(claim)).toThrow(invalid);
  });
});

describe('consistency proof', () => {
  it('[B16] is the known one (RFC 6962 section 2.1.3)', () => {
    const seven = LEAF_HASHES.slice(0, 7);
    expect(consistencyProof(seven, 3)).toEqual([
      at(LEAF_HASHES, 2),
      at(LEAF_HASHES, 3),
      NODES['0-2'],
      rootOf(seven.slice(4)),
    ]);
    expect(consistencyProof(seven, 4)).toEqual([rootOf(seven.slice(4))]);
    expect(consistencyProof(seven, 6)).toEqual([NODES['4-6'], at(LEAF_HASHES, 6), NODES['0-4']]);
    expect(consistencyProof(seven, 7)).toEqual([]);
    expect(consistencyProof(seven, 0)).toEqual([]);
  });

  it('verifies between every two trees up to 40 leaves', () => {
    const leaves = hashes(40);
    for (let second = 0; second <= leaves.length; second++) {
      const secondRoot = rootOf(leaves.slice(0, second));
      for (let first = 0; first <= second; first++) {
        const firstRoot = rootOf(leaves.slice(0, first));
        const proof = consistencyProof(leaves.slice(0, second), first);
        verifyConsistency({ first, second, firstRoot, secondRoot, proof });
        expect(() => verifyConsistency({ first, second, firstRoot: flip(firstRoot), secondRoot, proof })).toThrow(
          invalid,
        );
      }
    }
  });

  const good: ConsistencyClaim = {
    first: 3,
    second: 7,
    firstRoot: at(ROOTS, 3),
    secondRoot: at(ROOTS, 7),
    proof: consistencyProof(LEAF_HASHES.slice(0, 7), 3),
  };
  const complete: ConsistencyClaim = { ...good, first: 4, firstRoot: at(ROOTS, 4), proof: good.proof.slice(3) };
  const same: ConsistencyClaim = { ...good, first: 7, firstRoot: good.secondRoot, proof: [] };

  it.each([good, { ...complete, proof: consistencyProof(LEAF_HASHES.slice(0, 7), 4) }, same])(
    'verifies what the mutations start from',
    (claim) => {
      expect(() => verifyConsistency(claim)).not.toThrow();
    },
  );

  it.each<[string, ConsistencyClaim]>([
    ['a smaller first tree', { ...good, first: 2 }],
    ['a larger first tree', { ...good, first: 4 }],
    ['an empty first tree', { ...good, first: 0 }],
    ['a first tree larger than the second', { ...good, first: 8 }],
    ['a negative first tree', { ...good, first: -1 }],
    ['a larger second tree', { ...good, second: 9 }],
    ['a smaller second tree', { ...good, second: 4 }],
    ['the roots exchanged', { ...good, firstRoot: good.secondRoot, secondRoot: good.firstRoot }],
    ['another first root', { ...good, firstRoot: at(ROOTS, 2) }],
    ['another second root', { ...good, secondRoot: at(ROOTS, 8) }],
    ['no proof', { ...good, proof: [] }],
    ['one element fewer at the end', { ...good, proof: good.proof.slice(0, -1) }],
    ['one element fewer at the start', { ...good, proof: good.proof.slice(1) }],
    ['one element more at the end', { ...good, proof: [...good.proof, at(ROOTS, 1)] }],
    ['one element more at the start', { ...good, proof: [at(ROOTS, 1), ...good.proof] }],
    ['an element cut short', { ...good, proof: good.proof.map((hash) => hash.subarray(1)) }],
    ...good.proof.map((hash, index): [string, ConsistencyClaim] => [
      `one bit of element ${index}`,
      { ...good, proof: good.proof.with(index, flip(hash)) },
    ]),
    ['the same tree and a proof', { ...same, proof: [at(ROOTS, 1)] }],
    ['the same size and another root', { ...same, firstRoot: at(ROOTS, 3) }],
    ['an empty first tree with another root', { ...good, first: 0, proof: [] }],
    ['an empty first tree and a proof', { ...good, first: 0, firstRoot: at(ROOTS, 0) }],
  ])('does not verify with %s', (_mutation, claim) => {
    expect(() => verifyConsistency(claim)).toThrow(invalid);
  });
});

describe('prover', () => {
  it('holds for any tree', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 300 }),
        fc.nat(),
        (entries, pick) => {
          const leaves = entries.map(leafHash);
          const index = pick % leaves.length;
          const root = rootOf(leaves);
          const size = leaves.length;
          verifyInclusion({ index, size, leafHash: at(leaves, index), proof: inclusionProof(leaves, index), root });
          const firstRoot = rootOf(leaves.slice(0, index));
          verifyConsistency({
            first: index,
            second: size,
            firstRoot,
            secondRoot: root,
            proof: consistencyProof(leaves, index),
          });
        },
      ),
    );
  });

  it('gives no proof before the last leaf, or after one too many', () => {
    const prover = Prover.ofInclusion(0, 2);
    prover.append(at(LEAF_HASHES, 0));
    expect(() => prover.proof()).toThrow(RangeError);
    prover.append(at(LEAF_HASHES, 1));
    expect(prover.proof()).toEqual([at(LEAF_HASHES, 1)]);
    prover.append(at(LEAF_HASHES, 2));
    expect(() => prover.proof()).toThrow(RangeError);
  });

  it.each([
    [1, 1],
    [-1, 1],
    [0, 0],
    [0.5, 1],
  ])('refuses leaf %d of %d', (index, size) => {
    expect(() => Prover.ofInclusion(index, size)).toThrow(RangeError);
  });

  it.each([
    [2, 1],
    [-1, 1],
    [0.5, 1],
  ])('refuses the first %d of %d', (first, second) => {
    expect(() => Prover.ofConsistency(first, second)).toThrow(RangeError);
  });
});
