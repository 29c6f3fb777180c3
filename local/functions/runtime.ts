/**
 * Runs inside the worker thread, in the place of Lambda's Node.js runtime: loads the handler, then takes one invocation
 * after the other. It imports nothing of the project at run time, so that an environment starts fast.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Boot, FunctionError, Invocation, Report } from './protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

const send = (report: Report): void => parentPort?.postMessage(report);

/** Lambda names an error by its `name`; what is thrown without being an error has none. */
function describe(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown) };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

class RuntimeFailure extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

async function load({ folder, handler }: Boot): Promise<Handler> {
  const split = handler.lastIndexOf('.');
  const [module, name] = [handler.slice(0, split), handler.slice(split + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(folder, `${module}${end}`)).find(existsSync);
  if (!file) throw new RuntimeFailure('Runtime.ImportModuleError', `Cannot find module '${module}'`);
  const exports: Record<string, unknown> = await import(pathToFileURL(file).href);
  const found = exports[name];
  if (!isHandler(found)) {
    throw new RuntimeFailure('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  // Node 24 in Lambda takes asynchronous handlers only.
  if (found.length > 2) {
    throw new RuntimeFailure('Runtime.CallbackHandlerDeprecated', 'Callback-based function handlers are not supported');
  }
  return found;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

async function answer(handler: Handler, invocation: Invocation): Promise<Report> {
  const context = {
    awsRequestId: invocation.requestId,
    functionName: invocation.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(invocation.memory),
    logGroupName: invocation.logGroup,
    logStreamName: invocation.logStream,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadlineMs - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(invocation.payload), context);
    return { kind: 'answer', payload: JSON.stringify(result) ?? 'null' };
  } catch (thrown) {
    return { kind: 'error', error: describe(thrown) };
  }
}

// Only an execution environment starts this file, and it gives a `Boot`.
const boot: Boot = workerData;
try {
  const handler = await load(boot);
  parentPort?.on('message', (invocation: Invocation) => {
    void answer(handler, invocation).then(send);
  });
  send({ kind: 'ready' });
} catch (thrown) {
  send({ kind: 'error', error: describe(thrown) });
}
