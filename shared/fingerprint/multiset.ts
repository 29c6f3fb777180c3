/**
 * The fingerprint of a set of rows in which rows may repeat: how many they are, and the sum of their PRFs mod 2²⁵⁶.
 *
 * This is MSet-Add-Hash (Clarke, Devadas, van Dijk, Gassend, Suh: Incremental Multiset Hash Functions and Their Application to Memory
 * Integrity Checking, 2003): independent of order, mergeable, and two equal rows do not cancel, as they would under XOR. It is
 * not idempotent: a partition counted twice is a different set (see coverage.ts).
 */
import { Problem } from '../problem.ts';
import { littleEndian, PRF_BYTES } from './prf.ts';

export interface MultisetHash {
  readonly count: bigint;
  /** 0 ≤ sum < 2²⁵⁶. */
  readonly sum: bigint;
}

const SUM_BITS = 256;
const COUNT_BYTES = 8;
export const MULTISET_BYTES = COUNT_BYTES + PRF_BYTES;

export const EMPTY: MultisetHash = { count: 0n, sum: 0n };

/** The set with one more row, given by its PRF. */
export function withRow(set: MultisetHash, rowPrf: Uint8Array): MultisetHash {
  return merge(set, { count: 1n, sum: littleEndian(rowPrf) });
}

/** The union, repetitions counted. */
export function merge(left: MultisetHash, right: MultisetHash): MultisetHash {
  return { count: left.count + right.count, sum: BigInt.asUintN(SUM_BITS, left.sum + right.sum) };
}

/** What `left` has beyond `right`. The count may be negative; `EMPTY` exactly when the sets are equal. */
export function difference(left: MultisetHash, right: MultisetHash): MultisetHash {
  return { count: left.count - right.count, sum: BigInt.asUintN(SUM_BITS, left.sum - right.sum) };
}

export function equal(left: MultisetHash, right: MultisetHash): boolean {
  return left.count === right.count && left.sum === right.sum;
}

/** 40 bytes: the count, then the sum, little-endian. */
export function encodeMultiset(set: MultisetHash): Uint8Array {
  const bytes = new Uint8Array(MULTISET_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, set.count, true);
  for (let word = 0; word < 4; word++) {
    view.setBigUint64(COUNT_BYTES + word * 8, BigInt.asUintN(64, set.sum >> BigInt(word * 64)), true);
  }
  return bytes;
}

export function decodeMultiset(bytes: Uint8Array): MultisetHash {
  if (bytes.length !== MULTISET_BYTES) {
    throw new Problem('evidence-invalid', { detail: `A fingerprint has ${MULTISET_BYTES} bytes.` });
  }
  return { count: littleEndian(bytes.subarray(0, COUNT_BYTES)), sum: littleEndian(bytes.subarray(COUNT_BYTES)) };
}
