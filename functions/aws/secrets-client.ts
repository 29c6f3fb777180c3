import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientOptions } from './client-options.ts';

export function secretsClient(): SecretsManagerClient {
  return new SecretsManagerClient(clientOptions());
}
