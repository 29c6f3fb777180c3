/**
 * The execution environments of all functions: reused while they live, made when none is free, throttled beyond a
 * function's reserved concurrency. What this machine can run at a time is no limit of Lambda's: beyond it an invocation
 * waits. More environments are kept than may run, as an idle one costs memory alone and a new one the time to load.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../service.ts';
import type { DeployedFunction } from './deployed.ts';
import { type EnvironmentOptions, environmentOf, type SessionCredentials } from './environment.ts';
import { type FunctionLog, openLog } from './environment-log.ts';
import { type Answer, type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';

export interface PoolOptions {
  readonly functions: readonly DeployedFunction[];
  /** Of the state: logs and temporary folders lie below it. */
  readonly folder: string;
  environment(): EnvironmentOptions;
  /** Keys of the function's role, new for each environment, so that a call tells which one it came from. */
  credentials(definition: DeployedFunction): SessionCredentials;
  /** Most invocations that run at a time, and most worker threads that live. */
  readonly maximumRunning?: number;
  readonly maximumEnvironments?: number;
}

export interface FunctionPool {
  /** By name. */
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  /** Throws `ApiError` `TooManyRequestsException` beyond the function's reserved concurrency. */
  run(definition: DeployedFunction, requestId: string, payload: string): Promise<Answer>;
  /** Ends the environment that has this access key, or every one of the function of this name. Whether there was one. */
  kill(target: string): boolean;
  /** Invocations in progress or waiting. */
  readonly active: number;
  /** When none is. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** "Concurrent executions: 1,000" for an account (Lambda quotas). */
const ACCOUNT_CONCURRENCY = 1_000;

export function createPool(options: PoolOptions): FunctionPool {
  const functions = new Map(options.functions.map((definition) => [definition.name, definition]));
  const mostRunning = options.maximumRunning ?? Math.max(4, availableParallelism());
  const most = Math.max(options.maximumEnvironments ?? mostRunning * 3, mostRunning);
  const temporary = join(options.folder, 'tmp');
  const logs = new Map<string, FunctionLog>();
  const environments = new Set<ExecutionEnvironment>();
  const busy = new Set<ExecutionEnvironment>();
  const queue: (() => void)[] = [];
  const waiting: (() => void)[] = [];
  const inProgress = new Map<string, number>();
  let active = 0;
  // What a process that was killed left behind.
  rmSync(temporary, { recursive: true, force: true });

  const logOf = (name: string): FunctionLog => {
    const log = logs.get(name) ?? openLog(join(options.folder, 'logs'), name);
    logs.set(name, log);
    return log;
  };

  const start = (definition: DeployedFunction): ExecutionEnvironment => {
    const credentials = options.credentials(definition);
    const temporaryFolder = join(temporary, `${definition.name}-${randomUUID()}`);
    const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID()}`;
    const environment = startEnvironment(definition, {
      accessKeyId: credentials.accessKeyId,
      variables: environmentOf(definition, options.environment(), { credentials, temporaryFolder, logStream }),
      temporaryFolder,
      logStream,
      log: logOf(definition.name),
    });
    environments.add(environment);
    return environment;
  };

  const drop = async (environment: ExecutionEnvironment): Promise<void> => {
    environments.delete(environment);
    await environment.kill();
  };

  const take = (environment: ExecutionEnvironment): ExecutionEnvironment => {
    busy.add(environment);
    return environment;
  };

  /** A free environment of the function; a new one, in the place of an idle one of another function where it is full. */
  const acquire = async (definition: DeployedFunction): Promise<ExecutionEnvironment> => {
    for (;;) {
      if (busy.size >= mostRunning) {
        await new Promise<void>((resolve) => queue.push(resolve));
        continue;
      }
      const idle = [...environments].filter((environment) => !busy.has(environment));
      for (const dead of idle.filter(({ alive }) => !alive)) environments.delete(dead);
      const warm = idle.find((environment) => environment.alive && environment.definition === definition);
      if (warm) return take(warm);
      if (environments.size < most) return take(start(definition));
      // Full, and fewer than all may run: the one that has been idle for longest gives way.
      const oldest = idle.find(({ alive }) => alive);
      if (oldest) await drop(oldest);
    }
  };

  const release = (environment: ExecutionEnvironment): void => {
    busy.delete(environment);
    // To the end of the line of the idle ones.
    environments.delete(environment);
    if (environment.alive) environments.add(environment);
    queue.shift()?.();
  };

  const enter = (definition: DeployedFunction): void => {
    const now = inProgress.get(definition.name) ?? 0;
    if (now >= (definition.reservedConcurrency ?? ACCOUNT_CONCURRENCY)) {
      throw new ApiError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    inProgress.set(definition.name, now + 1);
    active += 1;
  };

  const leave = (definition: DeployedFunction): void => {
    inProgress.set(definition.name, (inProgress.get(definition.name) ?? 1) - 1);
    active -= 1;
    if (active === 0) for (const resolve of waiting.splice(0)) resolve();
  };

  return {
    functions,
    run: async (definition, requestId, payload) => {
      enter(definition);
      try {
        const environment = await acquire(definition);
        try {
          return await environment.invoke(requestId, payload);
        } finally {
          release(environment);
        }
      } finally {
        leave(definition);
      }
    },
    kill: (target) => {
      const found = [...environments].filter(
        ({ accessKeyId, definition }) => accessKeyId === target || definition.name === target,
      );
      for (const environment of found) void environment.kill();
      return found.length > 0;
    },
    get active() {
      return active;
    },
    idle: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop: async () => {
      await Promise.all([...environments].map(drop));
      await Promise.all([...logs.values()].map((log) => log.close()));
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}
