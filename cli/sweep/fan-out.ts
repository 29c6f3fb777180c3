/** Hands partitions to lanes, takes up what failed, and watches for what trips the breaker. */
import type { SweepManifest } from '../../functions/sweep/protocol/manifest.ts';
import { type HashTask, tasksOf } from '../../functions/sweep/protocol/tasks.ts';
import type { SideName } from '../../shared/equivalence/relation.ts';
import type { Clock } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { type BreakerRules, errorsTrip, RateWatch, skewTrip, type Trip } from '../../shared/verdict/breaker.ts';
import { isFinal, type Reason, reason, reasonOf } from '../../shared/verdict/reasons.ts';

/** One worker. */
export interface Lane {
  /** Rejects when the attempt failed; the lane takes another task afterwards all the same. */
  run(task: HashTask, watch: (rows: number) => void): Promise<void>;
  /** Ends the worker at once, also in the middle of a task, which then rejects. */
  stop(): Promise<void>;
  /** Ends the worker when it has nothing to do: it lets go of its engines first. */
  end(): Promise<void>;
}

export interface FanOutOptions {
  readonly manifest: SweepManifest;
  readonly lanes: readonly Lane[];
  readonly rules: BreakerRules;
  readonly clock: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Aborted when a person interrupts. */
  readonly signal: AbortSignal;
  readonly progress: FanOutProgress;
}

export interface FanOutProgress {
  rows(side: SideName, rows: number): void;
  partition(side: SideName): void;
}

export interface FanOutResult {
  readonly failures: readonly Reason[];
  readonly trip: Trip | undefined;
}

/** Attempts at one partition. */
const ATTEMPTS = 3;
const BACKOFF_MS = 200;

export async function fanOut(options: FanOutOptions): Promise<FanOutResult> {
  const run = new FanOut(options);
  return run.finish();
}

const TRIP_REASONS = {
  drift: 'breaker-drift',
  errors: 'breaker-errors',
  skew: 'breaker-skew',
  rate: 'breaker-rate',
  schema: 'schema-changed',
} as const;

class FanOut {
  readonly #options: FanOutOptions;
  readonly #waiting: HashTask[];
  readonly #failures: Reason[] = [];
  #failedAttempts = 0;
  /** Rows that were read so far. */
  readonly #read = { source: 0, target: 0 };
  #trip: Trip | undefined;
  #halted = false;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#waiting = tasksOf(options.manifest);
  }

  async finish(): Promise<FanOutResult> {
    const { signal, lanes } = this.#options;
    const interrupted = (): void => {
      this.#failures.push(reason('interrupted'));
      this.#halt();
    };
    if (signal.aborted) interrupted();
    signal.addEventListener('abort', interrupted, { once: true });
    try {
      await Promise.all(lanes.map((lane) => this.#work(lane)));
    } finally {
      signal.removeEventListener('abort', interrupted);
    }
    return { failures: this.#failures, trip: this.#trip };
  }

  async #work(lane: Lane): Promise<void> {
    const rates = { source: new RateWatch(this.#options.rules), target: new RateWatch(this.#options.rules) };
    while (!this.#halted) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      rates.source.pause();
      rates.target.pause();
      await this.#attempt(lane, task, rates[task.side]);
    }
  }

  async #attempt(lane: Lane, task: HashTask, rate: RateWatch): Promise<void> {
    const { clock, rules, manifest, progress, wait } = this.#options;
    const planned = manifest[task.side].partitions[task.partition]?.estimatedRows ?? 0;
    for (let attempt = 1; !this.#halted; attempt++) {
      let rows = 0;
      try {
        await lane.run(task, (more) => {
          rows += more;
          this.#read[task.side] += more;
          progress.rows(task.side, more);
          this.#consider(skewTrip(rules, rows, planned) ?? rate.observe(more, clock.now()));
        });
        progress.partition(task.side);
        return;
      } catch (error) {
        // What was stopped from here is no failure of its own.
        if (this.#halted) return;
        // What it had read is read again.
        this.#read[task.side] -= rows;
        progress.rows(task.side, -rows);
        this.#failedAttempts += 1;
        this.#consider(errorsTrip(rules, this.#failedAttempts));
        if (isFinal(error) || attempt === ATTEMPTS) this.#giveUp(error, task);
        else await wait(BACKOFF_MS * 2 ** attempt);
      }
    }
  }

  #consider(trip: Trip | undefined): void {
    if (trip === undefined || this.#halted) return;
    this.#trip = { ...trip, read: { ...this.#read } };
    this.#failures.push(reason(TRIP_REASONS[trip.cause], trip.seen === undefined ? {} : { count: trip.seen }));
    this.#halt();
  }

  /** One partition that cannot be read decides the sweep: reading on would only burden the engines. */
  #giveUp(error: unknown, { side, partition }: HashTask): void {
    if (this.#halted) return;
    this.#failures.push(reasonOf(error, 'reading', side, partition));
    if (error instanceof Problem && error.code === 'schema-changed')
      this.#trip = { cause: 'schema', read: { ...this.#read } };
    this.#halt();
  }

  #halt(): void {
    this.#halted = true;
    for (const lane of this.#options.lanes) void lane.stop();
  }
}
