import { HASH_BYTES, leafHash } from '../merkle/hash.ts';
import { verifyInclusion } from '../merkle/verify.ts';
import { Problem } from '../problem.ts';
import { sealOrigin } from './checkpoint.ts';
import type { AuditEntry } from './entry.ts';
import { type EntryProof, PROOF_HEADER } from './proof.ts';
import { decodeLeaf, parseEntry } from './segment.ts';
import type { VerifierKey } from './verifier-key.ts';
import { type SignedCheckpoint, verifyCheckpoint } from './verify-checkpoint.ts';

export interface ProvenEntry {
  readonly entry: AuditEntry;
  readonly index: number;
  readonly checkpoint: SignedCheckpoint;
}

const PROOF = new RegExp(
  `^${PROOF_HEADER.replaceAll('.', '\\.')}\nextra ([A-Za-z0-9+/]+={0,2})\nindex (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n`,
);

/**
 * Returns the entry that has been proven. Throws Problem('seal-invalid') when the checkpoint does not verify or the text is
 * no proof, Problem('evidence-invalid') when the entry is not in the tree.
 */
export function verifyProof(text: string, key: VerifierKey): ProvenEntry {
  const { leaf, index, path, checkpoint: note } = parseProof(text);
  const checkpoint = verifyCheckpoint(note, key);
  verifyInclusion({ index, size: checkpoint.size, leafHash: leafHash(leaf), proof: path, root: checkpoint.root });
  const entry = parseEntry(decodeLeaf(leaf));
  if (checkpoint.origin !== sealOrigin(checkpoint.keyName, entry.run)) {
    throw new Problem('evidence-invalid', { detail: 'The checkpoint is of another run than the entry.' });
  }
  return { entry, index, checkpoint };
}

/** Reads the form alone. */
export function parseProof(text: string): EntryProof {
  const match = PROOF.exec(text);
  if (match === null) throw malformed();
  const [whole, extra = '', index = '', hashes = ''] = match;
  const path = hashes.split('\n').filter((line) => line !== '');
  return {
    leaf: fromBase64(extra),
    index: Number(index),
    path: path.map((line) => {
      const hash = fromBase64(line);
      if (hash.length !== HASH_BYTES) throw malformed();
      return hash;
    }),
    checkpoint: text.slice(whole.length),
  };
}

function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw malformed();
  return bytes;
}

function malformed(): Problem {
  return new Problem('seal-invalid', { detail: 'The text is not a proof of an entry.' });
}
