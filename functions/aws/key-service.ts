import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { DataKey, KeyContext, KeyService } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { isNamed, translate } from './errors.ts';

/** One symmetric KMS key. */
export class KmsKeyService implements KeyService {
  readonly #client: KMSClient;
  readonly #key: string;

  constructor(client: KMSClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  async generate(context: KeyContext): Promise<DataKey> {
    try {
      const made = await this.#client.send(
        new GenerateDataKeyCommand({ KeyId: this.#key, KeySpec: 'AES_256', EncryptionContext: { ...context } }),
      );
      if (!made.Plaintext || !made.CiphertextBlob)
        throw new Problem('internal-failure', { detail: 'At GenerateDataKey.' });
      return { plaintext: made.Plaintext, wrapped: made.CiphertextBlob };
    } catch (error) {
      throw translate(error, 'GenerateDataKey');
    }
  }

  async open(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    try {
      const opened = await this.#client.send(
        new DecryptCommand({ KeyId: this.#key, CiphertextBlob: wrapped, EncryptionContext: { ...context } }),
      );
      if (!opened.Plaintext) throw new Problem('internal-failure', { detail: 'At Decrypt.' });
      return opened.Plaintext;
    } catch (error) {
      if (isNamed(error, 'InvalidCiphertextException', 'IncorrectKeyException'))
        throw new Problem('ciphertext-invalid');
      throw translate(error, 'Decrypt');
    }
  }
}
