import { sign, verify } from 'node:crypto';
import { refuse } from '../errors.ts';
import type { SigningAlgorithm } from './signing.ts';

/** Ed25519 (RFC 8032) and ML-DSA (FIPS 204) hash by themselves: KMS takes the message alone for them. */
export const rawSigning: SigningAlgorithm = {
  sign: (key, message, type) => {
    requireRaw(type);
    return sign(null, message, key);
  },
  verify: (key, message, type, signature) => {
    requireRaw(type);
    return verify(null, message, key, signature);
  },
};

function requireRaw(type: string): void {
  if (type !== 'RAW') throw refuse.invalid('This signing algorithm requires the message type RAW.');
}
