import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { calling } from './errors.ts';

/** A KMS key of type ECC_NIST_EDWARDS25519 (FIPS 186-5, RFC 8032); the private half never leaves the service (T14). */
export class KmsSigner implements Signer {
  readonly #client: KMSClient;
  readonly #key: string;
  #publicKey: Promise<Uint8Array> | undefined;

  constructor(client: KMSClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const signed = await calling('Sign', () =>
      this.#client.send(
        new SignCommand({
          KeyId: this.#key,
          Message: message,
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        }),
      ),
    );
    if (!signed.Signature) throw new Problem('internal-failure', { detail: 'At Sign.' });
    return signed.Signature;
  }

  /** The key behind one ARN never changes: it is fetched once, and again only after a failure. */
  publicKey(): Promise<Uint8Array> {
    this.#publicKey ??= this.#fetchPublicKey().catch((error: unknown) => {
      this.#publicKey = undefined;
      throw error;
    });
    return this.#publicKey;
  }

  async #fetchPublicKey(): Promise<Uint8Array> {
    const found = await calling('GetPublicKey', () => this.#client.send(new GetPublicKeyCommand({ KeyId: this.#key })));
    if (!found.PublicKey) throw new Problem('internal-failure', { detail: 'At GetPublicKey.' });
    return found.PublicKey;
  }
}
