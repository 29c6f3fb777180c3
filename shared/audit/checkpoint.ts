/** The head of a run's tree as a C2SP tlog-checkpoint, and its signing. Verification stands in verify-checkpoint.ts. */
import type { Signer } from '../ports.ts';
import { Problem } from '../problem.ts';
import { formatNote } from './note.ts';
import { importPublicKey, noteKeyId } from './verifier-key.ts';

export interface Checkpoint {
  /** Names the log: `sealOrigin` of the run. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * Every run is a log of its own, as a log may never sign two trees of which one is not the beginning of the other. The key
 * is the deployment's, and so is its name.
 */
export function sealOrigin(sealName: string, run: string): string {
  return `${sealName}/${run}`;
}

/** The three lines that are signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** The signed note. `sealName` is the key's name in the signature line. */
export async function signCheckpoint(checkpoint: Checkpoint, sealName: string, signer: Signer): Promise<string> {
  const text = checkpointText(checkpoint);
  const publicKey = importPublicKey(await signer.publicKey());
  const signature = await signer.sign(Buffer.from(text, 'utf8'));
  if (signature.length !== 64)
    throw new Problem('internal-failure', { detail: 'The seal key gave no Ed25519 signature.' });
  return formatNote({ text, signatures: [{ name: sealName, keyId: noteKeyId(sealName, publicKey), signature }] });
}
