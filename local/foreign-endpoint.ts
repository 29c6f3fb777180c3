/** `PARAPET_ENDPOINT_URL`: storage, tables, keys and secrets come from there, and only the orchestration is ours. */
import { Problem } from '../shared/problem.ts';
import type { ForeignEndpoint } from './functions/environment.ts';

/**
 * @param variables the environment of the process
 * @returns undefined where no other endpoint is named. Calls to another one are not authorised here: its own IAM, if it
 * has one, decides on the credentials of whoever started this.
 * @throws Problem `configuration-invalid` for an address that is none, or without credentials for it
 */
export function readForeignEndpoint(
  variables: Readonly<Record<string, string | undefined>>,
): ForeignEndpoint | undefined {
  const url = variables.PARAPET_ENDPOINT_URL;
  if (url === undefined || url === '') return undefined;
  if (!URL.canParse(url)) throw new Problem('configuration-invalid', { detail: 'PARAPET_ENDPOINT_URL is not a URL.' });
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = variables;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    const detail = 'PARAPET_ENDPOINT_URL needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
    throw new Problem('configuration-invalid', { detail });
  }
  return {
    url,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
    },
  };
}
