import { randomBytes } from 'node:crypto';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { ForeignEndpoint } from '../../local/functions/environment.ts';
import { foreignStorage } from './clients.ts';

/** Whether the endpoint serves whoever asks, as emulators do: asked with credentials that nobody has issued. */
export async function takesAnybody({ url }: ForeignEndpoint, region: string): Promise<boolean> {
  const secretAccessKey = randomBytes(30).toString('base64');
  const credentials = { accessKeyId: 'AKIAISSUEDBYNOBODY00', secretAccessKey, sessionToken: undefined };
  const client = foreignStorage({ url, credentials }, region);
  try {
    await client.send(new ListBucketsCommand({}));
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}
