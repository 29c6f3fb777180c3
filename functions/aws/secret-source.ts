import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock, SecretSource } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { calling } from './errors.ts';

/** Long enough that a warm worker asks rarely, short enough that a rotation is seen within minutes (requirement P01). */
const TTL_MS = 5 * 60_000;

export class SecretsManagerSource implements SecretSource {
  readonly #client: SecretsManagerClient;
  readonly #secret: string;
  readonly #clock: Clock;
  #held: { readonly text: string; readonly until: number } | undefined;

  constructor(client: SecretsManagerClient, secret: string, clock: Clock) {
    this.#client = client;
    this.#secret = secret;
    this.#clock = clock;
  }

  async read({ fresh = false }: { readonly fresh?: boolean } = {}): Promise<string> {
    const now = this.#clock.now();
    if (!fresh && this.#held !== undefined && now < this.#held.until) return this.#held.text;
    const found = await calling('GetSecretValue', () =>
      this.#client.send(new GetSecretValueCommand({ SecretId: this.#secret })),
    );
    if (found.SecretString === undefined)
      throw new Problem('configuration-invalid', { detail: 'The secret is no text.' });
    this.#held = { text: found.SecretString, until: now + TTL_MS };
    return found.SecretString;
  }
}
