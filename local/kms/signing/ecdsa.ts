import { type KeyObject, sign, verify } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { refuse } from '../errors.ts';
import type { SigningAlgorithm } from './signing.ts';

type Curve = Pick<typeof p256, 'sign' | 'verify'>;

/**
 * ECDSA with DER signatures, as KMS gives them. Node signs messages only; a digest is signed by @noble/curves.
 * @param digestBytes length that a digest must have
 */
function ecdsa(curve: Curve, hash: 'sha256' | 'sha384' | 'sha512', digestBytes: number): SigningAlgorithm {
  // KMS makes no low-s signatures, and accepts both halves.
  const options = { prehash: false, lowS: false, format: 'der' } as const;
  const checked = (digest: Buffer): Buffer => {
    if (digest.length !== digestBytes) throw refuse.invalid(`Digest is invalid length for algorithm ${hash}.`);
    return digest;
  };
  return {
    sign: (key, message, type) =>
      type === 'RAW'
        ? sign(hash, message, { key, dsaEncoding: 'der' })
        : Buffer.from(curve.sign(checked(message), scalarOf(key), options)),
    verify: (key, message, type, signature) => {
      if (type === 'RAW') return verify(hash, message, { key, dsaEncoding: 'der' }, signature);
      try {
        return curve.verify(signature, checked(message), pointOf(key), options);
      } catch {
        return false;
      }
    },
  };
}

function scalarOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}

/** The public point, uncompressed (SEC 1 section 2.3.3). */
function pointOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

export const ECDSA = {
  ECC_NIST_P256: ecdsa(p256, 'sha256', 32),
  ECC_NIST_P384: ecdsa(p384, 'sha384', 48),
  ECC_NIST_P521: ecdsa(p521, 'sha512', 64),
  ECC_SECG_P256K1: ecdsa(secp256k1, 'sha256', 32),
} as const;
