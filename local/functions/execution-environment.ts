/** One execution environment: a worker thread that runs one function, one invocation at a time. */
import { mkdirSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { DeployedFunction } from './deployed.ts';
import type { FunctionLog } from './environment-log.ts';
import type { Boot, FunctionError, Invocation, Report } from './protocol.ts';

export type Answer =
  | { readonly kind: 'answer'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: FunctionError };

export interface ExecutionEnvironment {
  readonly definition: DeployedFunction;
  readonly accessKeyId: string;
  readonly alive: boolean;
  invoke(requestId: string, payload: string): Promise<Answer>;
  /** Ends the worker at once, in the middle of whatever it does; its invocation fails as that of a crashed runtime. */
  kill(): Promise<void>;
}

export interface EnvironmentParts {
  readonly accessKeyId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly temporaryFolder: string;
  readonly logStream: string;
  readonly log: FunctionLog;
}

/** Of the memory of a function, what V8's old generation may take: Lambda's runtime leaves the rest to buffers and stack. */
const HEAP_SHARE = 0.9;

/** How often a running invocation's memory is looked at. */
const SAMPLE_MS = 200;

export function startEnvironment(definition: DeployedFunction, parts: EnvironmentParts): ExecutionEnvironment {
  mkdirSync(parts.temporaryFolder, { recursive: true, mode: 0o700 });
  const boot: Boot = { folder: definition.folder, handler: definition.handler };
  const started = performance.now();
  const worker = new Worker(new URL('./runtime.mjs', import.meta.url), {
    workerData: boot,
    env: parts.variables,
    argv: [],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: Math.floor(definition.memory * HEAP_SHARE) },
    stdout: true,
    stderr: true,
    name: definition.name,
  });
  parts.log.follow(worker.stdout);
  parts.log.follow(worker.stderr);

  let alive = true;
  let killed = false;
  let settle: ((answer: Answer) => void) | undefined;
  let requestId = '';
  let initDurationMs: number | undefined;
  let maxMemoryUsed: number | undefined;
  const finish = (answer: Answer): void => {
    const waiting = settle;
    settle = undefined;
    waiting?.(answer);
  };
  const crashed = (errorType: string, how: string): Answer => ({
    kind: 'error',
    error: { errorType, errorMessage: `RequestId: ${requestId} Error: ${how}` },
  });

  const ready = new Promise<Answer | 'ready'>((resolve) => {
    worker.on('message', (report: Report) => {
      if (report.kind === 'ready') {
        initDurationMs = performance.now() - started;
        resolve('ready');
      } else {
        resolve(report);
        finish(report);
      }
    });
    worker.on('error', (error: Error) => {
      // The worker is about to exit.
      killed = true;
      const exhausted = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const answer = exhausted
        ? crashed('Runtime.OutOfMemory', 'Runtime exited with error: signal: killed')
        : crashed(error.name, error.message);
      resolve(answer);
      finish(answer);
    });
    worker.on('exit', (code) => {
      alive = false;
      rmSync(parts.temporaryFolder, { recursive: true, force: true });
      const how = killed ? 'signal: killed' : `exit status ${code}`;
      const answer = crashed('Runtime.ExitError', `Runtime exited with error: ${how}`);
      resolve(answer);
      finish(answer);
    });
  });

  const kill = async (): Promise<void> => {
    killed = true;
    if (alive) await worker.terminate();
  };

  /** What the isolate holds, buffers included; the process, which all environments share, has one resident size. */
  const sample = async (): Promise<void> => {
    const { used_heap_size, external_memory } = await worker.getHeapStatistics();
    maxMemoryUsed = Math.max(maxMemoryUsed ?? 0, used_heap_size + external_memory);
  };

  const perform = async (payload: string): Promise<Answer> => {
    const answer = new Promise<Answer>((resolve) => {
      settle = resolve;
    });
    const beginning = await ready;
    if (beginning !== 'ready') {
      void kill();
      return beginning;
    }
    const limitMs = definition.timeoutSeconds * 1_000;
    const invocation: Invocation = {
      requestId,
      payload,
      deadlineMs: Date.now() + limitMs,
      functionName: definition.name,
      functionArn: definition.arn,
      memory: definition.memory,
      logGroup: definition.logGroup,
      logStream: parts.logStream,
    };
    const overdue = setTimeout(() => {
      const seconds = definition.timeoutSeconds.toFixed(2);
      finish(crashed('Sandbox.Timedout', `Task timed out after ${seconds} seconds`));
      void kill();
    }, limitMs);
    // One that has exited meanwhile has nothing to tell.
    const sampling = setInterval(() => void sample().catch(() => undefined), SAMPLE_MS);
    worker.postMessage(invocation);
    try {
      return await answer;
    } finally {
      clearTimeout(overdue);
      clearInterval(sampling);
    }
  };

  /** As Lambda writes them in its JSON log format: what a handler threw, and a report of every invocation. */
  const report = (answer: Answer, durationMs: number): void => {
    const time = new Date().toISOString();
    if (answer.kind === 'error') {
      const { errorType, errorMessage, trace } = answer.error;
      const message = { errorType, errorMessage, stackTrace: trace ?? [] };
      parts.log.write({ timestamp: time, level: 'ERROR', requestId, message });
    }
    const metrics = {
      durationMs: Math.round(durationMs),
      ...(initDurationMs === undefined ? {} : { initDurationMs: Math.round(initDurationMs) }),
      // Absent for an invocation that was over before anybody looked.
      ...(maxMemoryUsed === undefined ? {} : { maxMemoryUsedMB: Math.round(maxMemoryUsed / 1024 ** 2) }),
    };
    const status = answer.kind === 'answer' ? 'success' : 'error';
    parts.log.write({ time, type: 'platform.report', record: { requestId, status, metrics } });
    initDurationMs = undefined;
    maxMemoryUsed = undefined;
  };

  return {
    definition,
    accessKeyId: parts.accessKeyId,
    get alive() {
      return alive && !killed;
    },
    kill,
    invoke: async (id, payload) => {
      requestId = id;
      const began = performance.now();
      const answer = await perform(payload);
      report(answer, performance.now() - began);
      return answer;
    },
  };
}
