import type { HashTask } from '../../functions/sweep/protocol/tasks.ts';
import type { Lane } from './fan-out.ts';
import { HashWorker, type HashWorkerPorts } from './hash-worker.ts';

/** A lane in the thread of the command itself: no thread to start, for sides that are read in no time. */
export class InlineLane implements Lane {
  readonly #worker: HashWorker;
  #stopped = false;

  constructor(ports: HashWorkerPorts) {
    this.#worker = new HashWorker(ports);
  }

  run(task: HashTask, watch: (rows: number) => void): Promise<void> {
    return this.#worker.run(task, (rows) => {
      if (this.#stopped) throw new Error('The lane was stopped.');
      watch(rows);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
  }

  end(): Promise<void> {
    return this.#worker.close();
  }
}
