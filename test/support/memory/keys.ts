import { createCipheriv, createDecipheriv, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { DataKey, KeyContext, KeyService, Random, SecretSource, Signer } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

const additional = (context: KeyContext): Buffer => Buffer.from(JSON.stringify(Object.entries(context).sort()));

/** A key service whose key lies in this process. Wraps under AES-256-GCM with the context as additional data. */
export class MemoryKeyService implements KeyService {
  readonly #key = randomBytes(32);
  readonly #random: Random;

  constructor(random: Random = randomBytes) {
    this.#random = random;
  }

  async generate(context: KeyContext): Promise<DataKey> {
    const plaintext = Uint8Array.from(this.#random(32));
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(additional(context));
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return { plaintext, wrapped: Buffer.concat([iv, cipher.getAuthTag(), body]) };
  }

  async open(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, wrapped.subarray(0, 12)).setAAD(additional(context));
      decipher.setAuthTag(wrapped.subarray(12, 28));
      return Buffer.concat([decipher.update(wrapped.subarray(28)), decipher.final()]);
    } catch {
      throw new Problem('ciphertext-invalid');
    }
  }
}

export class MemorySigner implements Signer {
  readonly #private: KeyObject;
  readonly #public: KeyObject;

  constructor(pair = generateKeyPairSync('ed25519')) {
    this.#private = pair.privateKey;
    this.#public = pair.publicKey;
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    if (message.byteLength > 4_096) throw new Problem('internal-failure');
    return sign(null, message, this.#private);
  }

  async publicKey(): Promise<Uint8Array> {
    return this.#public.export({ type: 'spki', format: 'der' });
  }
}

export class MemorySecret implements SecretSource {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  async read(): Promise<string> {
    return this.text;
  }
}
