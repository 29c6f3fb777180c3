/** What the services of the JSON protocols have in common: the target header, the parsing of parameters, the answer. */
import { buffer } from 'node:stream/consumers';
import type * as z from 'zod';
import { ApiError, type ApiRequest, type ApiResponse, type Service } from '../service.ts';

export interface JsonOperation {
  handle(input: unknown, request: ApiRequest): object | Promise<object>;
}

/** One operation. Its schema is strict: a parameter that is not in it is refused by name, never ignored. */
export function jsonOperation<S extends z.ZodType>(
  schema: S,
  handle: (input: z.output<S>, request: ApiRequest) => object | Promise<object>,
): JsonOperation {
  return {
    handle: (input, request) => {
      const parsed = schema.safeParse(input);
      if (!parsed.success) throw refuseInput(parsed.error);
      return handle(parsed.data, request);
    },
  };
}

export interface JsonServiceOptions {
  readonly signingName: string;
  /** What stands before the operation in the call log: `KMS`. */
  readonly name: string;
  /** What stands before it in `x-amz-target`: `TrentService`. */
  readonly target: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  readonly operations: Readonly<Record<string, JsonOperation>>;
}

export function jsonService({ signingName, name, target, contentType, operations }: JsonServiceOptions): Service {
  const nameOf = ({ headers }: ApiRequest): string => {
    const [service, operation, ...more] = (headers['x-amz-target'] ?? '').split('.');
    return service === target && operation !== undefined && /^[A-Za-z]+$/.test(operation) && more.length === 0
      ? operation
      : 'Unknown';
  };
  return {
    signingName,
    operation: (request) => `${name}.${nameOf(request)}`,
    handle: async (request): Promise<ApiResponse> => {
      const wanted = nameOf(request);
      const operation = Object.hasOwn(operations, wanted) ? operations[wanted] : undefined;
      if (operation === undefined) throw notImplemented(`${name}.${wanted}`);
      const answer = await operation.handle(parseJson(request.bytes ?? (await buffer(request.body))), request);
      return {
        status: 200,
        headers: { 'content-type': contentType, 'x-amzn-requestid': request.requestId },
        body: JSON.stringify(answer),
      };
    },
  };
}

export const notImplemented = (what: string): ApiError =>
  new ApiError('NotImplemented', `The embedded cloud does not implement ${what}.`, 501);

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError('SerializationException', 'The request is not JSON.', 400);
  }
}

/** Names the parameter, never its value. */
function refuseInput({ issues }: z.ZodError): ApiError {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined)
    return notImplemented(`the parameter ${[...unknown.path, ...unknown.keys.slice(0, 1)].join('.')}`);
  const names = issues.map(({ path }) => (path.length === 0 ? 'the request' : path.join('.')));
  return new ApiError('ValidationException', `Not valid: ${[...new Set(names)].join(', ')}.`, 400);
}
