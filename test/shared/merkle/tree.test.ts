import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TreeBuilder } from '../../../shared/merkle/builder.ts';
import { emptyRoot, leafHash, nodeHash } from '../../../shared/merkle/hash.ts';
import { INPUTS, LEAF_HASHES, ROOTS, rootByDefinition } from './vectors.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const tree = new TreeBuilder();
  for (const hash of hashes) tree.append(hash);
  return tree.root();
}

describe('RFC 6962 tree', () => {
  it('[B16] hashes the known leaves', () => {
    expect(INPUTS.map((input) => hex(leafHash(input)))).toEqual(LEAF_HASHES.map(hex));
  });

  it('[B16] gives the known root of every size, the empty tree included, while it grows', () => {
    const tree = new TreeBuilder();
    const roots = [hex(tree.root())];
    for (const hash of LEAF_HASHES) {
      tree.append(hash);
      roots.push(hex(tree.root()));
    }
    expect(roots).toEqual(ROOTS.map(hex));
    expect(tree.size).toBe(8);
    expect(hex(emptyRoot())).toBe(hex(rootOf([])));
  });

  it('agrees with the definition for every size up to 130', () => {
    const hashes = Array.from({ length: 130 }, (_, index) => leafHash(Buffer.of(index)));
    for (let size = 1; size <= hashes.length; size++) {
      const part = hashes.slice(0, size);
      expect(hex(rootOf(part))).toBe(hex(rootByDefinition(part, nodeHash)));
    }
  });

  it('keeps a node from passing as a leaf', () => {
    const [left, right] = [leafHash(Buffer.from('l')), leafHash(Buffer.from('r'))];
    expect(hex(leafHash(Buffer.concat([left, right])))).not.toBe(hex(nodeHash(left, right)));
  });

  it('[B16] changes its root with any entry, their order and their number', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array(), { minLength: 2, maxLength: 20 }), fc.nat(), (entries, at) => {
        const hashes = entries.map(leafHash);
        const root = hex(rootOf(hashes));
        const index = at % hashes.length;
        expect(hex(rootOf(hashes.with(index, leafHash(Buffer.from('another entry, longer than any')))))).not.toBe(root);
        expect(hex(rootOf(hashes.toSpliced(index, 1)))).not.toBe(root);
        expect(hex(rootOf([...hashes, hashes[index] ?? new Uint8Array()]))).not.toBe(root);
      }),
    );
  });

  it('refuses what is no hash', () => {
    expect(() => new TreeBuilder().append(new Uint8Array(31))).toThrow(RangeError);
  });
});
