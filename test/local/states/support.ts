import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ApiError } from '../../../local/service.ts';
import { createEngine, type DeployedMachine, type Engine } from '../../../local/states/engine.ts';
import { type Execution, findExecution } from '../../../local/states/journal/executions.ts';
import { type HistoryEvent, readHistory } from '../../../local/states/journal/history.ts';
import { type Json, parseJson } from '../../../local/states/json.ts';
import type { ListedObject, ObjectAccess, PutEvent } from '../../../local/states/surroundings.ts';
import { openStore, type Store } from '../../../local/store.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Machine`;
export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** A function that fails as Lambda reports it: with an `errorType`. */
export class FunctionError extends Error {
  readonly errorType: string | undefined;
  constructor(errorType: string | undefined, message = 'failed on purpose') {
    super(message);
    this.errorType = errorType;
  }
}

export type Handler = (payload: Json) => Json | Promise<Json>;

export interface Bench {
  readonly store: Store;
  readonly engine: Engine;
  readonly handlers: Record<string, Handler>;
  readonly calls: { readonly name: string; readonly payload: Json }[];
  readonly objects: Map<string, string | Buffer>;
  /** Events that machines have put. */
  readonly put: PutEvent[];
  readonly statuses: string[];
  readonly defects: unknown[];
  machine(definition: Json, name?: string): DeployedMachine;
  /** Starts, waits for the end, and gives it back. */
  run(definition: Json, input?: Json): Promise<Execution>;
  /** Of an execution that has ended. */
  outcome(execution: Execution): Execution;
  history(arn: string): HistoryEvent[];
  /** Another engine over the same state, as after a restart. */
  again(): Bench;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly folder?: string;
  readonly handlers?: Record<string, Handler>;
  readonly timeScale?: number;
  readonly objects?: Map<string, string | Buffer>;
  /** After so many writes the process counts as dead: nothing reaches the database any more. */
  readonly writesUntilDeath?: number;
}

export class Dead extends Error {}

/** The store of a process that dies after its last write. */
function mortal(store: Store, writes: number): Store {
  let left = writes;
  const live = <T>(work: () => T): T => {
    if (left <= 0) throw new Dead();
    const nested = store.db.isTransaction;
    const result = work();
    if (!nested) left -= 1;
    return result;
  };
  return {
    ...store,
    prepare: (sql) => {
      if (left <= 0) throw new Dead();
      const isWrite = /^(INSERT|UPDATE|DELETE)/.test(sql);
      // A statement of its own is a write of its own; the last one still takes place.
      if (isWrite && !store.db.isTransaction) left -= 1;
      return store.prepare(sql);
    },
    transaction: (work) => live(() => store.transaction(work)),
  };
}

export function bench(options: BenchOptions = {}): Bench {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'parapet-states-'));
  const handlers = options.handlers ?? {};
  const objects = options.objects ?? new Map<string, string | Buffer>();
  const store = openStore(folder);
  const calls: { name: string; payload: Json }[] = [];
  const statuses: string[] = [];
  const put: PutEvent[] = [];
  const defects: unknown[] = [];
  let serial = 0;
  const engine = createEngine({
    store: options.writesUntilDeath === undefined ? store : mortal(store, options.writesUntilDeath),
    accountId: ACCOUNT,
    region: REGION,
    functions: {
      invoke: async ({ functionName, payload }) => {
        const name = functionName.split(':').at(-1) ?? functionName;
        const handler = handlers[name];
        calls.push({ name, payload: parseJson(payload) });
        if (!handler) throw new ApiError('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
        try {
          const answer = await handler(parseJson(payload));
          return { payload: JSON.stringify(answer), failed: false, requestId: 'request' };
        } catch (error) {
          if (!(error instanceof FunctionError)) throw error;
          const { errorType, message: errorMessage } = error;
          return { payload: JSON.stringify({ errorType, errorMessage }), failed: true, requestId: 'request' };
        }
      },
    },
    events: {
      put: (_role, events) => events.map((event) => String(put.push(event))),
    },
    requireChildren: () => undefined,
    objects: () => objectAccess(objects),
    now: Date.now,
    random: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String(++serial).padStart(12, '0')}`,
    timeScale: options.timeScale ?? 0.001,
    statusChanged: (execution) => statuses.push(execution.status),
    defect: (error) => defects.push(error),
  });
  const own: Bench = {
    store,
    engine,
    handlers,
    calls,
    objects,
    put,
    statuses,
    defects,
    machine: (definition, name = 'Flow') => ({
      arn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`,
      name,
      roleArn: ROLE,
      definition: JSON.stringify(definition),
    }),
    run: async (definition, input = {}) => {
      const started = engine.start(own.machine(definition), undefined, JSON.stringify(input));
      await engine.idle();
      return own.outcome(started);
    },
    outcome: (execution) => {
      const found = findExecution(store, execution.arn);
      if (!found) throw new Error('the execution is gone');
      return found;
    },
    history: (arn) => readHistory(store, arn, { limit: 30_000, offset: 0, reverse: false }),
    again: () => {
      const { writesUntilDeath: _, ...lasting } = options;
      return bench({ ...lasting, folder, handlers, objects });
    },
    close: async () => {
      await engine.halt();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return own;
}

/** Objects by `bucket/key`. */
function objectAccess(objects: Map<string, string | Buffer>): ObjectAccess {
  return {
    read: async (bucket, key) => {
      const body = objects.get(`${bucket}/${key}`);
      if (body === undefined) throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
      return Readable.from([Buffer.from(body)]);
    },
    write: async (bucket, key, body) => {
      objects.set(`${bucket}/${key}`, body);
    },
    list: async function* (bucket, prefix): AsyncGenerator<ListedObject> {
      for (const [path, body] of [...objects].sort()) {
        if (!path.startsWith(`${bucket}/${prefix}`)) continue;
        yield {
          key: path.slice(bucket.length + 1),
          etag: '"0"',
          size: body.length,
          lastModified: '2026-01-02T03:04:05.000Z',
          storageClass: 'STANDARD',
        };
      }
    },
  };
}

/** A machine of the states given, all JSONata; the first is where it starts. */
export function jsonata(states: Readonly<Record<string, Json>>, more: Readonly<Record<string, Json>> = {}): Json {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0] ?? '', States: states, ...more };
}

export function invoke(name: string, more: Readonly<Record<string, Json>> = {}): Json {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionArn(name), Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...('Next' in more ? {} : { End: true }),
    ...more,
  };
}
