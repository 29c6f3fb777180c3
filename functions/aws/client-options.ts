import { isLoopback } from '../../shared/loopback.ts';
import { Problem } from '../../shared/problem.ts';

/** Options that every client gets (requirement P09): bounded retries, bounded waits, verified TLS. */
export interface ClientOptions {
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  /**
   * Milliseconds. `requestTimeout` bounds the wait for an answer to begin, `socketTimeout` a silence within one; a body may
   * flow for as long as it does.
   */
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly socketTimeout: number;
    readonly throwOnRequestTimeout: true;
    /** Whatever the platform’s floor is (requirement T02). */
    readonly httpsAgent: { readonly minVersion: 'TLSv1.2' };
  };
}

/** Attempts at one call in all. A stage that still fails is retried as a whole by the state machine. */
const MAX_ATTEMPTS = 4;
const CONNECTION_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 20_000;
/** Longer than a chunk takes to be committed: so long an upload's stream may have to wait for its reader. */
const SOCKET_TIMEOUT_MS = 120_000;

/** Throws `configuration-invalid` when the environment redirects a client over plain HTTP to anywhere but this machine. */
export function clientOptions(variables: Readonly<Record<string, string | undefined>> = process.env): ClientOptions {
  for (const [name, value] of Object.entries(variables)) {
    if (name.startsWith('AWS_ENDPOINT_URL') && value) requireSafeEndpoint(name, value);
  }
  return {
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpsAgent: { minVersion: 'TLSv1.2' },
    },
  };
}

function requireSafeEndpoint(name: string, value: string): void {
  const url = URL.parse(value);
  if (url?.protocol === 'https:') return;
  if (url?.protocol === 'http:' && isLoopback(url.hostname)) return;
  throw new Problem('configuration-invalid', { detail: `${name} must be https, or http on a loopback address.` });
}
