/**
 * Asks another endpoint for something that the templates need, and keeps what it does not do: which operation, for which
 * resource, with what answer. Nothing that is refused is passed over in silence.
 */
import { Problem } from '../../shared/problem.ts';

export interface Lack {
  /** `S3 PutBucketPolicy`, `KMS CreateKey ECC_NIST_EDWARDS25519` */
  readonly operation: string;
  /** Logical id. */
  readonly resource: string;
  /** Name of the error and HTTP status, or what came instead. Never the sentence: it may repeat what was sent. */
  readonly answer: string;
  /** What is missing without it; absent where the flow cannot do without it. */
  readonly loss?: string;
}

export interface Asking {
  /** What came, or what the endpoint lacks: whoever asks decides what that means. */
  ask<T>(
    operation: string,
    resource: string,
    call: () => Promise<T>,
  ): Promise<{ readonly value: T } | { readonly lack: Lack }>;
  /** What the flow cannot do without: a lack is kept for `settle`, and `undefined` comes back. */
  need<T>(operation: string, resource: string, call: () => Promise<T>): Promise<T | undefined>;
  /** What the flow can do without, at a loss that is told. */
  want(operation: string, resource: string, loss: string, call: () => Promise<unknown>): Promise<void>;
  /** Something was answered, and is not what was asked for. */
  lacks(lack: Lack): void;
  /** @throws Problem `not-implemented` that names everything needed which the endpoint lacks. */
  settle(): void;
  /** What is missing at a loss, so far. */
  readonly losses: readonly Lack[];
}

export function createAsking(url: string): Asking {
  const lacks: Lack[] = [];
  const ask: Asking['ask'] = async (operation, resource, call) => {
    try {
      return { value: await call() };
    } catch (error) {
      if (error instanceof Problem) throw error;
      return { lack: { operation, resource, answer: answerOf(error, `${operation} (${resource}) at ${url}`) } };
    }
  };
  return {
    ask,
    need: async (operation, resource, call) => {
      const asked = await ask(operation, resource, call);
      if ('value' in asked) return asked.value;
      lacks.push(asked.lack);
      return undefined;
    },
    want: async (operation, resource, loss, call) => {
      const asked = await ask(operation, resource, call);
      if ('lack' in asked) lacks.push({ ...asked.lack, loss });
    },
    lacks: (lack) => lacks.push(lack),
    settle: () => {
      const needed = lacks.filter(({ loss }) => loss === undefined);
      if (needed.length === 0) return;
      const detail = `${url} lacks what the flow needs. ${groupedLines(needed).join('; ')}.`;
      throw new Problem('not-implemented', { detail });
    },
    get losses() {
      return lacks.filter(({ loss }) => loss !== undefined);
    },
  };
}

/** One line for each operation and answer, with all its resources. */
export function groupedLines(lacks: readonly Lack[]): string[] {
  const groups = new Map<string, { readonly lack: Lack; readonly resources: string[] }>();
  for (const lack of lacks) {
    const key = JSON.stringify([lack.operation, lack.answer, lack.loss]);
    const group = groups.get(key) ?? { lack, resources: [] };
    group.resources.push(lack.resource);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ lack: { operation, answer, loss }, resources }) => {
    const place = `${operation} (${resources.toSorted().join(', ')}): ${answer}`;
    return loss === undefined ? place : `${place}; ${loss}`;
  });
}

/** What the SDK's errors have in common. */
export function nameAndStatus(error: unknown): { readonly name: string; readonly status: number | undefined } {
  if (!(error instanceof Error)) return { name: 'Unknown', status: undefined };
  const { $metadata: metadata, $response: response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return { name: error.name, status: metadata?.httpStatusCode ?? response?.statusCode };
}

export const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** The JSON protocols say both with HTTP 400. */
const DENIALS =
  /^(AccessDenied|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|ExpiredToken)/;
const BUSY = /^(Throttl|LimitExceeded|RequestLimitExceeded|TooManyRequests|SlowDown)/;
const BUSY_STATUS: ReadonlySet<number> = new Set([429, 503, 504]);

/**
 * How the endpoint says that it does not do this: whatever status it chooses, as emulators choose many.
 * @throws Problem `access-denied` and `endpoint-failed` for answers that say nothing of what it can do
 */
function answerOf(error: unknown, place: string): string {
  const { name, status } = nameAndStatus(error);
  if (status === 401 || status === 403 || DENIALS.test(name)) {
    throw new Problem('access-denied', { detail: `${place}: ${name}.`, cause: error });
  }
  if (status === undefined || BUSY_STATUS.has(status) || BUSY.test(name)) {
    throw new Problem('endpoint-failed', { detail: `${place}: ${codeOf(error) ?? name}.`, cause: error });
  }
  return `${name}, HTTP ${status}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
