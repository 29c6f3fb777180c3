import { Problem } from '../../shared/problem.ts';
import { Transient } from '../../shared/transient.ts';

/** What the SDK's errors have in common, read without trusting that it is one of them. */
interface ServiceError {
  readonly name: string;
  readonly status: number | undefined;
}

const THROTTLES = new Set([
  'ThrottlingException',
  'Throttling',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'LimitExceededException',
  'SlowDown',
  'RequestThrottled',
  'KMSInternalException',
]);

const TIMEOUTS = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'AbortError']);

const INTERRUPTIONS = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
]);

export function serviceError(error: unknown): ServiceError {
  if (!(error instanceof Error)) return { name: 'unknown', status: undefined };
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return { name: error.name, status: typeof status === 'number' ? status : undefined };
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(serviceError(error).name);
}

/**
 * What an adapter throws for an SDK's error. The SDK's message is dropped: S3 and DynamoDB quote keys and values in theirs.
 * The SDK has made its own retries by then.
 */
export function translate(error: unknown, operation: string): Problem | Transient {
  if (error instanceof Problem || error instanceof Transient) return error;
  const { name, status } = serviceError(error);
  if (THROTTLES.has(name) || status === 429) return new Transient(operation, 'throttled');
  if (TIMEOUTS.has(name) || status === 408) return new Transient(operation, 'timed-out');
  if (connectionCode(error)) return new Transient(operation, 'interrupted');
  if (status !== undefined && status >= 500) return new Transient(operation, 'unavailable');
  if (/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(name)) {
    return new Problem('access-denied', { detail: `At ${operation}.` });
  }
  return new Problem('internal-failure', {
    detail: `At ${operation}: ${/^[A-Za-z]{1,60}$/.test(name) ? name : 'error'}.`,
  });
}

function connectionCode(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && INTERRUPTIONS.has(error.code)) return true;
  return error.cause !== undefined && connectionCode(error.cause);
}

/** Runs one call and translates what it throws. */
export async function calling<Result>(operation: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw translate(error, operation);
  }
}
