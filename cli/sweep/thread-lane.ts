/** A lane in a worker thread. A thread that dies is a failed attempt; the next task gets a new thread. */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { HashTask } from '../../functions/sweep/protocol/tasks.ts';
import type { Equivalence } from '../../shared/equivalence/schema.ts';
import type { EndpointUrls } from './endpoints.ts';
import type { Lane } from './fan-out.ts';
import { fromMessage, type WorkerAnswer } from './messages.ts';

/** What a thread is given; keys pass from memory to memory. */
export interface ThreadSetup {
  readonly contract: Equivalence;
  readonly urls: EndpointUrls;
  readonly folder: string;
  readonly storeKey: Uint8Array;
  readonly masterKey: Uint8Array;
  /** As `folderStore` has it. */
  readonly synced?: boolean;
}

const PROGRAM = new URL('./thread.ts', import.meta.url);
/** Beside tasks, what a thread is sent: let go of everything, and end. */
export const END = 'end';
/** A thread that does not end by itself by then is ended. */
const END_MS = 5_000;

/**
 * What a socket gives comes in buffers outside the heap, hundreds of megabytes a second, none of which lives long. A young heap is a few
 * megabytes, and V8 would collect all of it whenever as much has come again. With room from the start it does so less than half as
 * often (docs/benchmarks-sweep.md). The flag is for the threads that are started from now on.
 */
const INITIAL_HEAP_FLAG = '--initial-old-space-size=256';

interface Pending {
  readonly watch: (rows: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class ThreadLane implements Lane {
  readonly #setup: ThreadSetup;
  readonly #program: URL;
  #worker: Worker | undefined;
  #pending: Pending | undefined;

  /** `program`: another than thread.ts, in tests. */
  constructor(setup: ThreadSetup, program: URL = PROGRAM) {
    this.#setup = setup;
    this.#program = program;
  }

  run(task: HashTask, watch: (rows: number) => void): Promise<void> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#pending = { watch, resolve, reject };
      worker.postMessage(task);
    });
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const timer = setTimeout(() => void worker.terminate(), END_MS);
    worker.postMessage(END);
    await ended;
    clearTimeout(timer);
  }

  #start(): Worker {
    setFlagsFromString(INITIAL_HEAP_FLAG);
    const worker = new Worker(this.#program, {
      workerData: this.#setup,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.on('message', (answer: WorkerAnswer) => this.#answered(answer));
    // Its message may quote what it read, and stays out.
    worker.on('error', () => this.#died(worker));
    worker.on('exit', () => this.#died(worker));
    return worker;
  }

  #answered(answer: WorkerAnswer): void {
    if (answer.type === 'rows') this.#pending?.watch(answer.rows);
    else if (answer.type === 'done') this.#settle(({ resolve }) => resolve());
    else this.#settle(({ reject }) => reject(fromMessage(answer.error)));
  }

  #died(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    else if (this.#worker !== undefined) return;
    this.#settle(({ reject }) => reject(new Error('A worker thread ended.')));
  }

  #settle(how: (pending: Pending) => void): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) how(pending);
  }
}
