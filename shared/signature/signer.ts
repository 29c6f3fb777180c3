/** Who can sign by ES256 (ECDSA on P-256 with SHA-256): a key in KMS, or a local one for development and tests. */
import { createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { sha256Hex } from '../digest.ts';
import { derToRaw } from './der.ts';

export interface Es256Signer {
  readonly publicKey: KeyObject;
  /** r ‖ s, 64 bytes, over SHA-256 of the message. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The id of a key: SHA-256 (hex) of its SubjectPublicKeyInfo in DER. Pins, `kid`s and registries name keys by it. */
export function keyId(publicKey: KeyObject): string {
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' }));
}

export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** Signs with a private key at hand. RangeError when it is no P-256 key. */
export function localSigner(privateKey: KeyObject): Es256Signer {
  if (privateKey.type !== 'private' || !isP256(privateKey)) throw new RangeError('ES256 needs a private P-256 key.');
  return {
    publicKey: createPublicKey(privateKey),
    sign: async (message) => sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

/**
 * Signs with a key elsewhere. `signDigest` gets the SHA-256 of the message (KMS: `ECDSA_SHA_256`, MessageType DIGEST, as RAW
 * ends at 4,096 bytes) and gives the signature in DER.
 */
export function remoteSigner(
  publicKey: KeyObject,
  signDigest: (digest: Uint8Array) => Promise<Uint8Array>,
): Es256Signer {
  if (publicKey.type !== 'public' || !isP256(publicKey)) throw new RangeError('ES256 needs a public P-256 key.');
  return {
    publicKey,
    sign: async (message) => derToRaw(await signDigest(hash('sha256', message, 'buffer'))),
  };
}
