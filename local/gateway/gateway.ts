/** The one HTTP server of the embedded cloud: it authenticates every call, hands it to its service, and writes it down. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../shared/problem.ts';
import type { IamAuthorizer, RecordedDecision } from '../iam/authorizer.ts';
import { ApiError, type ApiRequest, type ApiResponse, type Caller, type Service } from '../service.ts';
import { discard, sendAnswer } from './answer.ts';
import { admit, type Gatekeeper } from './authentication.ts';
import type { CallLog, CallRecord } from './call-log.ts';
import type { Fault, FaultHook } from './fault.ts';
import type { Protocol } from './protocol/protocol.ts';

export interface GatewayOptions extends Gatekeeper {
  readonly services: readonly Service[];
  readonly authorizer: IamAuthorizer;
  readonly hook?: FaultHook;
  /** Ends the worker of a caller that a fault kills. */
  readonly onKill?: (caller: Caller) => void;
  /** Sees every call when it has ended, as it goes to the log. */
  readonly onCall?: (record: CallRecord) => void;
  /** A defect of a service, not an answer of it. */
  readonly onDefect?: (error: unknown) => void;
  readonly log?: CallLog;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** How long a call that is to time out keeps its connection. */
  readonly timeoutMs?: number;
}

export interface Gateway {
  /** `http://127.0.0.1:<port>`: an address, as a client would look `<bucket>.localhost` up. */
  readonly endpoint: string;
  readonly port: number;
  /** Calls so far by operation: `S3.PutObject` → 3. Calls that were not authenticated are not counted. */
  counts(): Readonly<Record<string, number>>;
  /** Ends every connection. Calls under way get no answer. */
  close(): Promise<void>;
}

/** What became of a call: an answer, or a connection that ends without one. */
type Ending = { readonly answer: ApiResponse } | { readonly dropped: 'unreachable' | 'fault' };

const DEFAULT_TIMEOUT_MS = 20;

/** Starts listening on loopback. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { authorizer, clock } = options;
  const services = new Map(options.services.map((service) => [service.signingName, service]));
  const counts = new Map<string, number>();
  const decisions = new AsyncLocalStorage<RecordedDecision[]>();
  authorizer.observe((decision) => decisions.getStore()?.push(decision));
  let sequence = 0;

  /** What the service does, with its errors in the words of its protocol. */
  const serve = async (service: Service, request: ApiRequest, protocol: Protocol): Promise<ApiResponse> => {
    try {
      return await service.handle(request);
    } catch (error) {
      return protocol.render(errorOf(error, protocol), describe(request));
    }
  };
  const errorOf = (error: unknown, protocol: Protocol): ApiError => {
    if (error instanceof ApiError) return error;
    if (error instanceof Problem && error.code === 'not-implemented') {
      return new ApiError('NotImplemented', error.message, error.status);
    }
    options.onDefect?.(error);
    return protocol.failed;
  };

  /** One authenticated call, with the fault that is meant for it. */
  const perform = async (
    service: Service,
    request: ApiRequest,
    protocol: Protocol,
    fault: Fault | undefined,
  ): Promise<Ending> => {
    const refuse = (error: ApiError): Ending => ({ answer: protocol.render(error, describe(request)) });
    if (fault?.kind === 'throttle') return refuse(protocol.throttled);
    if (fault?.kind === 'fail-before') return refuse(protocol.failed);
    if (fault?.kind === 'timeout') {
      await delay(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      return { dropped: 'fault' };
    }
    if (fault?.kind === 'kill' && fault.afterEffect !== true) {
      options.onKill?.(request.caller);
      return { dropped: 'fault' };
    }
    const answer = await serve(service, request, protocol);
    if (fault === undefined) return { answer };
    discard(answer);
    if (fault.kind === 'kill') options.onKill?.(request.caller);
    return fault.kind === 'kill' || fault.lost === true ? { dropped: 'fault' } : refuse(protocol.failed);
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    sequence += 1;
    const call = { sequence, requestId: randomUUID() };
    const admission = await admit(message, call, options);
    const { protocol } = admission;
    if ('refusal' in admission) {
      const target = { ...call, method: message.method ?? '', contentType: message.headers['content-type'] ?? '' };
      await sendAnswer(message, response, protocol.render(admission.refusal, target));
      return;
    }
    const { request, reachable } = admission;
    const service = services.get(request.service);
    const operation = service?.operation(request) ?? `${request.service}.Unknown`;
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    const { caller, requestId } = request;
    const fault = reachable
      ? options.hook?.({ sequence: call.sequence, service: request.service, operation, caller, requestId })
      : undefined;
    const made: RecordedDecision[] = [];
    const ending = await decisions.run(made, async (): Promise<Ending> => {
      if (!reachable) {
        await delay(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
        return { dropped: 'unreachable' };
      }
      return perform(service ?? unknownService(request.service), request, protocol, fault);
    });
    write(recordOf(request, operation, ending, made, fault, clock.now()));
    if ('dropped' in ending) message.socket.destroy();
    else await sendAnswer(message, response, ending.answer);
  };
  const write = (record: CallRecord): void => {
    options.log?.append(record);
    options.onCall?.(record);
  };

  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => {
      // A client that went away in mid-request is not a defect.
      if (message.destroyed && !message.complete) return;
      options.onDefect?.(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  // Clients keep connections and must not meet one that is just being closed, and uploads take as long as they take.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    counts: () => Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1))),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await options.log?.close();
    },
  };
}

const describe = ({ requestId, method, headers }: ApiRequest) => ({
  requestId,
  method,
  contentType: headers['content-type'] ?? '',
});

function unknownService(name: string): Service {
  return {
    signingName: name,
    operation: () => `${name}.Unknown`,
    handle: () => {
      throw new ApiError('NotImplemented', `The embedded cloud does not implement the service ${name}.`, 501);
    },
  };
}

function recordOf(
  request: ApiRequest,
  operation: string,
  ending: Ending,
  made: readonly RecordedDecision[],
  fault: Fault | undefined,
  now: number,
): CallRecord {
  const denied = made.some(({ decision }) => decision.decision === 'deny');
  const errorCode = 'answer' in ending ? errorCodeOf(ending.answer) : ending.dropped;
  const vpcEndpoint = request.caller.context['aws:SourceVpce'];
  return {
    time: new Date(now).toISOString(),
    sequence: request.sequence,
    requestId: request.requestId,
    caller: request.caller.arn,
    operation,
    resources: [...new Set(made.map((decision) => decision.request.resource))],
    decision: denied ? 'deny' : made.length > 0 ? 'allow' : 'none',
    status: 'answer' in ending ? ending.answer.status : 0,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(fault === undefined ? {} : { fault: fault.kind }),
    ...(typeof vpcEndpoint === 'string' ? { vpcEndpoint } : {}),
  };
}

/** Services may render their errors themselves: then the code is in the header of the JSON protocols or in S3's document. */
function errorCodeOf({ status, headers, body }: ApiResponse): string | undefined {
  if (status < 400) return undefined;
  const named = headers['x-amzn-errortype'];
  if (named !== undefined) return named;
  return (typeof body === 'string' ? /<Code>([A-Za-z.]+)<\/Code>/.exec(body)?.[1] : undefined) ?? `HTTP ${status}`;
}
