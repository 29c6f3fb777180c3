/** Lambda's front for the state machines and rules: who may invoke, how large a payload may be, and the shape of the answer. */
import { randomUUID } from 'node:crypto';
import { ApiError, type Authorizer, type Caller } from '../service.ts';
import type { DeployedFunction } from './deployed.ts';
import type { FunctionPool } from './pool.ts';

export interface InvocationResult {
  /** JSON text: the answer, or `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  readonly failed: boolean;
  readonly requestId: string;
}

/** "Invocation payload (request and response): 6 MB each for synchronous invocations" (Lambda quotas). */
const MAXIMUM_PAYLOAD_BYTES = 6 * 1024 * 1024;

export interface Invoker {
  /**
   * @param functionName name or ARN, with or without `:$LATEST`
   * @throws ApiError `AccessDeniedException`, `ResourceNotFoundException`, `RequestTooLargeException`, `TooManyRequestsException`
   */
  invoke(caller: Caller, functionName: string, payload: string): Promise<InvocationResult>;
}

/** @param policies resource policies by function ARN */
export function createInvoker(
  pool: FunctionPool,
  authorizer: Authorizer,
  policies: ReadonlyMap<string, unknown> = new Map(),
): Invoker {
  const find = (named: string): DeployedFunction => {
    const name = named.replace(/^arn:[\w-]+:lambda:[^:]+:\d+:function:/, '').replace(/:\$LATEST$/, '');
    const definition = pool.functions.get(name);
    if (definition) return definition;
    throw new ApiError('ResourceNotFoundException', `Function not found: ${named}`, 404);
  };
  return {
    invoke: async (caller, functionName, payload) => {
      const definition = find(functionName);
      const resourcePolicy = policies.get(definition.arn);
      authorizer.require(caller, {
        action: 'lambda:InvokeFunction',
        resource: definition.arn,
        context: {},
        resourceAccount: caller.accountId,
        ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
      });
      if (Buffer.byteLength(payload) > MAXIMUM_PAYLOAD_BYTES) {
        throw new ApiError(
          'RequestTooLargeException',
          `Request must be smaller than ${MAXIMUM_PAYLOAD_BYTES} bytes.`,
          413,
        );
      }
      const requestId = randomUUID();
      const answer = await pool.run(definition, requestId, payload);
      if (answer.kind === 'error') return { payload: JSON.stringify(answer.error), failed: true, requestId };
      if (Buffer.byteLength(answer.payload) <= MAXIMUM_PAYLOAD_BYTES) {
        return { payload: answer.payload, failed: false, requestId };
      }
      const error = {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAXIMUM_PAYLOAD_BYTES} bytes).`,
      };
      return { payload: JSON.stringify(error), failed: true, requestId };
    },
  };
}
