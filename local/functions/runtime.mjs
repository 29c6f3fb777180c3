/**
 * Runs inside the worker thread, in the place of Lambda's Node.js runtime: loads the handler, then takes one invocation
 * after the other. Plain JavaScript that imports nothing of the project: a TypeScript file would make every cold start
 * load Node's type stripper, which takes longer than all the rest.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * @typedef {import('./protocol.ts').Boot} Boot
 * @typedef {import('./protocol.ts').FunctionError} FunctionError
 * @typedef {import('./protocol.ts').Invocation} Invocation
 * @typedef {import('./protocol.ts').Report} Report
 * @typedef {(event: unknown, context: object) => unknown} Handler
 */

/** @param {Report} report */
const send = (report) => parentPort?.postMessage(report);

/**
 * Lambda names an error by its `name`; what is thrown without being an error has none.
 * @param {unknown} thrown
 * @returns {FunctionError}
 */
function describe(thrown) {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown) };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? '').split('\n') };
}

class RuntimeFailure extends Error {
  /** @param {string} name @param {string} message */
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/**
 * @param {Boot} boot
 * @returns {Promise<Handler>}
 */
async function load({ folder, handler }) {
  const split = handler.lastIndexOf('.');
  const [module, name] = [handler.slice(0, split), handler.slice(split + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(folder, `${module}${end}`)).find((path) => existsSync(path));
  if (!file) throw new RuntimeFailure('Runtime.ImportModuleError', `Cannot find module '${module}'`);
  const found = (await import(pathToFileURL(file).href))[name];
  if (typeof found !== 'function') {
    throw new RuntimeFailure('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  // Node 24 in Lambda takes asynchronous handlers only.
  if (found.length > 2) {
    throw new RuntimeFailure('Runtime.CallbackHandlerDeprecated', 'Callback-based function handlers are not supported');
  }
  return found;
}

/**
 * @param {Handler} handler
 * @param {Invocation} invocation
 * @returns {Promise<Report>}
 */
async function answer(handler, invocation) {
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

/** What was written has reached the log: a worker that is ended loses what is still on its way. */
async function flushed() {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
  );
}

try {
  const handler = await load(workerData);
  parentPort?.on('message', async (/** @type {Invocation} */ invocation) => {
    const report = await answer(handler, invocation);
    await flushed();
    send(report);
  });
  send({ kind: 'ready' });
} catch (thrown) {
  send({ kind: 'error', error: describe(thrown) });
}
