import { keyId } from '../shared/signature/signer.ts';
import { readPublicKey } from './commands/keys.ts';
import { isFile } from './files.ts';

/** A key's id, given as such or as a file. */
export function signerId(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) && !isFile(text) ? text : keyId(readPublicKey(text));
}
