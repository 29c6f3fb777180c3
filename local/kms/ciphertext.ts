/**
 * The ciphertext of a symmetric key: AES-256-GCM with the encryption context as additional data. The blob names its key, as
 * KMS's does, so that Decrypt needs no key id.
 *
 * `version (1) | key id (16) | iv (12) | tag (16) | ciphertext`
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../shared/ports.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const HEADER = 17;
const IV = 12;
const TAG = 16;

const uuidBytes = (keyId: string): Buffer => Buffer.from(keyId.replaceAll('-', ''), 'hex');

/** Injective, and independent of the order in which the pairs were given. */
function additionalData(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}

export function seal(
  keyId: string,
  material: Buffer,
  plaintext: Buffer,
  context: EncryptionContext,
  random: Random,
): Buffer {
  const header = Buffer.concat([Buffer.from([VERSION]), uuidBytes(keyId)]);
  const iv = Buffer.from(random(IV));
  const cipher = createCipheriv('aes-256-gcm', material, iv, { authTagLength: TAG });
  cipher.setAAD(additionalData(header, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), ciphertext]);
}

/** Id of the key that a blob names; `undefined` when it is no blob of ours. */
export function keyIdOf(blob: Buffer): string | undefined {
  if (blob.length < HEADER + IV + TAG || blob[0] !== VERSION) return undefined;
  const hex = blob.toString('hex', 1, HEADER);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** `undefined` when the blob was altered, or sealed under another context or material. */
export function open(material: Buffer, blob: Buffer, context: EncryptionContext): Buffer | undefined {
  const iv = blob.subarray(HEADER, HEADER + IV);
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG });
  decipher.setAAD(additionalData(blob.subarray(0, HEADER), context));
  decipher.setAuthTag(blob.subarray(HEADER + IV, HEADER + IV + TAG));
  try {
    return Buffer.concat([decipher.update(blob.subarray(HEADER + IV + TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}
