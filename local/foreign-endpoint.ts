/** `PARAPET_ENDPOINT_URL`: storage, tables, keys and secrets come from there, and only the orchestration is ours. */
import { isLoopback } from '../shared/loopback.ts';
import { Problem } from '../shared/problem.ts';
import type { ForeignEndpoint, Provisioned, SessionCredentials } from './functions/environment.ts';
import type { Deployment } from './service.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Makes at the other endpoint what the templates declare, before anything runs. What is there already stays. */
export type Provision = (endpoint: ForeignEndpoint, deployment: Deployment) => Promise<Provisioned>;

/**
 * @param variables the environment of the process
 * @returns undefined where no other endpoint is named. Calls to another one are not authorised here: its own IAM, if it
 * has one, decides on the credentials of whoever started this.
 * @throws Problem `configuration-invalid` for an address that functions may not be sent to, or without credentials for it
 */
export function readForeignEndpoint(variables: Variables): ForeignEndpoint | undefined {
  const url = variables.PARAPET_ENDPOINT_URL;
  if (url === undefined || url === '') return undefined;
  requireSafe(url);
  const credentials = readForeignCredentials(variables);
  if (credentials === undefined) {
    const detail =
      'PARAPET_ENDPOINT_URL needs PARAPET_ENDPOINT_ACCESS_KEY_ID and PARAPET_ENDPOINT_SECRET_ACCESS_KEY, ' +
      'or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
    throw new Problem('configuration-invalid', { detail });
  }
  return { url, credentials };
}

/**
 * `PARAPET_ENDPOINT_…` where they are set, so that they can differ from those of the AWS account at hand; else `AWS_…`.
 * Never a mixture of the two.
 */
export function readForeignCredentials(variables: Variables): SessionCredentials | undefined {
  const prefix = variables.PARAPET_ENDPOINT_ACCESS_KEY_ID ? 'PARAPET_ENDPOINT' : 'AWS';
  const accessKeyId = variables[`${prefix}_ACCESS_KEY_ID`];
  const secretAccessKey = variables[`${prefix}_SECRET_ACCESS_KEY`];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: variables[`${prefix}_SESSION_TOKEN`] || undefined };
}

/** The rule of functions/aws/client-options.ts, said before the first function starts; and an address is no place for a password. */
function requireSafe(url: string): void {
  const { protocol, hostname, username, password } = URL.parse(url) ?? {};
  const loopback = isLoopback(hostname ?? '');
  if (username || password) {
    throw new Problem('configuration-invalid', { detail: 'PARAPET_ENDPOINT_URL must hold no user name or password.' });
  }
  if (protocol === 'https:' || (protocol === 'http:' && loopback)) return;
  const detail = 'PARAPET_ENDPOINT_URL must be a URL with https, or with http on a loopback address.';
  throw new Problem('configuration-invalid', { detail });
}
