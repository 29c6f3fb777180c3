import { KMSClient } from '@aws-sdk/client-kms';
import { clientOptions } from './client-options.ts';

export function kmsClient(): KMSClient {
  return new KMSClient(clientOptions());
}
