/** AES-256-GCM (NIST SP 800-38D) as every envelope uses it, and the wiping of what it leaves in memory. */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { Random } from '../ports.ts';
import { Problem } from '../problem.ts';

const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
/** SP 800-38D section 8.2.2: a random 96-bit IV is safe for 2³² encryptions under one key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts and authenticates. Gives base64url of IV ‖ ciphertext ‖ tag; `context` (as UTF-8) is authenticated and not
 * stored.
 */
export function encrypt(key: Uint8Array, context: string, plaintext: string | Uint8Array, random: Random): string {
  const iv = random(IV_BYTES);
  // A key object is taken in half the time of bytes; Node overwrites its copy when it lets go of it.
  const cipher = createCipheriv(CIPHER, createSecretKey(key), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url');
}

/**
 * Opens what `encrypt` made, under the same key and context. Whatever is wrong (the form, the key, the context, one
 * flipped bit) gives Problem('ciphertext-invalid') and nothing else, so that an attacker learns nothing from the kind.
 */
export function decrypt(key: Uint8Array, context: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url');
  const end = bytes.length - TAG_BYTES;
  // Buffer.from skips what is not base64url; only the one canonical spelling is read.
  if (end < IV_BYTES || bytes.toString('base64url') !== sealed) throw new Problem('ciphertext-invalid');
  const decipher = createDecipheriv(CIPHER, createSecretKey(key), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(bytes.subarray(end));
  const plaintext = decipher.update(bytes.subarray(IV_BYTES, end));
  try {
    decipher.final();
  } catch {
    zeroise(plaintext);
    throw new Problem('ciphertext-invalid');
  }
  return plaintext;
}

/** Overwrites keys and plaintexts after use (requirement B14). Strings cannot be wiped: they live as long as the worker. */
export function zeroise(...buffers: readonly Uint8Array[]): void {
  for (const buffer of buffers) buffer.fill(0);
}
