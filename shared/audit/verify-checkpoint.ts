import { verify } from 'node:crypto';
import { Problem } from '../problem.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type NoteSignature, parseNote } from './note.ts';
import { noteKeyId, type VerifierKey } from './verifier-key.ts';

const CHECKPOINT = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/;

/** A checkpoint that verified, and the name under which its key signed. */
export interface SignedCheckpoint extends Checkpoint {
  readonly keyName: string;
}

/**
 * Verifies the note and reads it. Signatures by keys that are not `key` are ignored, as the specification asks; one by `key`
 * that does not verify, or none, is Problem('seal-invalid').
 */
export function verifyCheckpoint(note: string, key: VerifierKey): SignedCheckpoint {
  const { text, signatures } = parseNote(note);
  const known = signatures.filter((signature) => isBy(signature, key));
  const [first] = known;
  if (first === undefined) throw invalid('It bears no signature by this key.');
  for (const { signature } of known) {
    if (!verify(null, Buffer.from(text, 'utf8'), key.publicKey, signature))
      throw invalid('Its signature does not verify.');
  }
  return { ...parseCheckpoint(text), keyName: first.name };
}

function isBy({ name, keyId }: NoteSignature, key: VerifierKey): boolean {
  return (key.name === undefined || key.name === name) && noteKeyId(name, key.publicKey).equals(keyId);
}

function parseCheckpoint(text: string): Checkpoint {
  const [, origin = '', size = '', root = ''] = CHECKPOINT.exec(text) ?? [];
  const hash = Buffer.from(root, 'base64');
  const leaves = Number(size);
  if (hash.toString('base64') !== root || root === '' || !Number.isSafeInteger(leaves)) {
    throw invalid('It does not have the form of one.');
  }
  return { origin, size: leaves, root: hash };
}

function invalid(detail: string): Problem {
  return new Problem('seal-invalid', { detail: `The checkpoint: ${detail}` });
}
