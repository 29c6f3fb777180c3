/** Public keys of Ed25519, as PEM, as a C2SP verifier key, and as the 32 bytes that both hold. */
import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { Problem } from '../problem.ts';

/** Signature type of Ed25519 notes (C2SP signed-note, "Signature types"). */
export const ED25519_NOTE = 0x01;

export interface VerifierKey {
  readonly publicKey: KeyObject;
  /** Present when the key came as a verifier key: then only signatures under this name count. */
  readonly name?: string;
}

/** Key names are non-empty and hold neither spaces nor a plus (C2SP signed-note, "Format"). */
export const KEY_NAME = /^[^\s+\p{Cc}]+$/u;

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key), its first four bytes. */
export function noteKeyId(name: string, publicKey: KeyObject): Buffer {
  const material = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.of(ED25519_NOTE), rawPublicKey(publicKey)]);
  return hash('sha256', material, 'buffer').subarray(0, 4);
}

/** `<name>+<key id, hex>+<base64 of type ‖ public key>`, to be published once. */
export function formatVerifierKey(name: string, publicKey: KeyObject): string {
  const material = Buffer.concat([Buffer.of(ED25519_NOTE), rawPublicKey(publicKey)]);
  return `${name}+${noteKeyId(name, publicKey).toString('hex')}+${material.toString('base64')}`;
}

/** Reads a verifier key, or a public key in PEM. Problem('seal-invalid') when it is neither, or not of Ed25519. */
export function parseVerifierKey(text: string): VerifierKey {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN PUBLIC KEY-----')) return { publicKey: importPublicKey(trimmed) };
  const [, name = '', id = '', material = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(trimmed) ?? [];
  const bytes = Buffer.from(material, 'base64');
  if (!KEY_NAME.test(name) || bytes[0] !== ED25519_NOTE) throw unreadable();
  const publicKey = publicKeyOf(bytes.subarray(1));
  if (noteKeyId(name, publicKey).toString('hex') !== id) throw unreadable();
  return { publicKey, name };
}

/** A public key from its SubjectPublicKeyInfo, as KMS gives it (DER) or as a file holds it (PEM). */
export function importPublicKey(spki: Uint8Array | string): KeyObject {
  let key: KeyObject;
  try {
    key =
      typeof spki === 'string'
        ? createPublicKey({ key: spki, format: 'pem' })
        : createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    throw unreadable();
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unreadable();
  return key;
}

function rawPublicKey(publicKey: KeyObject): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function unreadable(): Problem {
  return new Problem('seal-invalid', { detail: 'The public key is neither a verifier key nor PEM of Ed25519.' });
}
