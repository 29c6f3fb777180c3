/**
 * The proof that one entry is in a sealed log, as one self-contained text: a C2SP tlog-proof whose `extra` line is the
 * entry itself. Verification stands in verify-proof.ts.
 */
export interface EntryProof {
  /** The leaf: one line of a segment, without its line feed. */
  readonly leaf: Uint8Array;
  /** Its index in the tree, from 0. */
  readonly index: number;
  /** RFC 6962 audit path: the leaf's sibling first. */
  readonly path: readonly Uint8Array[];
  /** The signed note over the tree. */
  readonly checkpoint: string;
}

export const PROOF_HEADER = 'c2sp.org/tlog-proof@v1';

export function formatProof({ leaf, index, path, checkpoint }: EntryProof): string {
  const hashes = path.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  const extra = Buffer.from(leaf).toString('base64');
  return `${PROOF_HEADER}\nextra ${extra}\nindex ${index}\n${hashes.join('')}\n${checkpoint}`;
}
