/** The hashes of an RFC 6962 tree (section 2.1): SHA-256 with a prefix that keeps a leaf from passing as a node. */
import { createHash, hash } from 'node:crypto';

export const LEAF_PREFIX = 0x00;
export const NODE_PREFIX = 0x01;
/** Bytes of every hash. */
export const HASH_BYTES = 32;

const NODE_BYTES = 1 + 2 * HASH_BYTES;
const leafPrefix = Buffer.of(LEAF_PREFIX);

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return createHash('sha256').update(leafPrefix).update(entry).digest();
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const node = Buffer.allocUnsafe(NODE_BYTES);
  node[0] = NODE_PREFIX;
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

/** The root of a tree without leaves: the hash of nothing. */
export function emptyRoot(): Uint8Array {
  return hash('sha256', Buffer.alloc(0), 'buffer');
}
