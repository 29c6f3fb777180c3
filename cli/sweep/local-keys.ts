/** Keys of a sweep on this machine: they exist in this process's memory, and end with it. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { decrypt, encrypt } from '../../shared/envelope/cipher.ts';
import { canonicalJson } from '../../shared/json/canonical.ts';
import type { KeyContext, KeyService, Random, Signer } from '../../shared/ports.ts';

export const random: Random = (size) => new Uint8Array(randomBytes(size));

/** Wraps data keys under `master`, 32 bytes that are handed to worker threads and to nobody else. */
export function localKeys(master: Uint8Array): KeyService {
  const text = (context: KeyContext): string => canonicalJson({ ...context });
  return {
    generate: async (context) => {
      const plaintext = random(32);
      const wrapped = encrypt(master, text(context), plaintext, random);
      return { plaintext, wrapped: Buffer.from(wrapped, 'ascii') };
    },
    open: async (wrapped, context) => decrypt(master, text(context), Buffer.from(wrapped).toString('ascii')),
  };
}

/** Signs the checkpoint; without a key of somebody's, with one that is made for this sweep and thrown away. */
export function localSigner(privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey): Signer {
  return {
    sign: async (message) => sign(null, message, privateKey),
    publicKey: async () => createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  };
}
