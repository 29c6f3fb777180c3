/**
 * EventBridge Scheduler: takes up what has come due, and tries until the target has accepted it, at least once. What cannot be delivered
 * goes to the dead letters, in the schedule's own role.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import { ApiError } from '../service.ts';
import type { Store } from '../store.ts';
import type { Schedule } from './schedule.ts';

/** One time at which a schedule has come due. */
export interface Due {
  /** `<aws.scheduler.execution-id>`: the same in every attempt. */
  readonly id: string;
  readonly schedule: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attempts: number;
}

export interface SchedulerOptions {
  readonly store: Store;
  readonly schedules: readonly Schedule[];
  readonly now: () => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly timeScale: number;
  /** Throws `ApiError` where the target or IAM refuses. */
  deliver(schedule: Schedule, due: Due): void;
  /** Sends to the dead letters. Throws `ApiError`. */
  bury(schedule: Schedule, queueArn: string, due: Due, error: ApiError): void;
  /** What could neither be delivered nor buried. */
  lost(schedule: Schedule, error: unknown): void;
  defect(error: unknown): void;
}

export interface Scheduler {
  start(): void;
  stop(): void;
  /** Whether nothing that has come due is on its way. */
  readonly quiet: boolean;
  /** As if it came due now. `name` is the schedule's own, without its group. @throws Problem `not-found` */
  trigger(name: string): void;
}

const POLL_MS = 20;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15 * 60_000;
const dueRow = z.object({ id: z.string(), schedule: z.string(), at: z.number(), attempts: z.number() });

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, now } = options;
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS scheduler_next (schedule TEXT PRIMARY KEY, expression TEXT NOT NULL, at INTEGER);
    CREATE TABLE IF NOT EXISTS scheduler_due (
      id TEXT PRIMARY KEY, schedule TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
      next_at INTEGER NOT NULL
    );
  `);
  const schedules = new Map(options.schedules.map((schedule) => [schedule.name, schedule]));
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const add = (schedule: Schedule, at: number): void => {
    store
      .prepare('INSERT INTO scheduler_due (id, schedule, at, next_at) VALUES (?, ?, ?, ?)')
      .run(options.uuid(), schedule.name, at, now());
  };

  /** A changed expression begins anew; an unchanged one goes on where a process that ended has left it. */
  const advance = (schedule: Schedule): void =>
    store.transaction(() => {
      const known = store.prepare('SELECT expression, at FROM scheduler_next WHERE schedule = ?').get(schedule.name);
      const same = known?.expression === schedule.text;
      const at = same ? known.at : schedule.expression.immediate ? now() : schedule.expression.next(now());
      const due = typeof at === 'number' && at <= now();
      if (same && !due) return;
      if (due) add(schedule, at);
      // What was missed while nothing ran is made up for once.
      const next = due ? schedule.expression.next(now()) : at;
      store
        .prepare('INSERT OR REPLACE INTO scheduler_next (schedule, expression, at) VALUES (?, ?, ?)')
        .run(schedule.name, schedule.text, typeof next === 'number' ? Math.round(next) : null);
    });

  const remove = (due: Due): void => {
    store.prepare('DELETE FROM scheduler_due WHERE id = ?').run(due.id);
  };

  const settle = (schedule: Schedule, due: Due, error: unknown): void => {
    const failure = error instanceof ApiError ? error : new ApiError('INTERNAL_ERROR', 'The target failed.', 500);
    const aged = now() - due.at > schedule.maximumEventAgeSeconds * 1_000 * options.timeScale;
    const hopeless = failure.status < 500 && failure.status !== 429;
    if (!aged && !hopeless && due.attempts < schedule.maximumRetryAttempts) {
      const grown = Math.min(FIRST_RETRY_MS * 2 ** due.attempts, LONGEST_RETRY_MS);
      const wait = grown * (0.5 + options.random() / 2) * options.timeScale;
      store
        .prepare('UPDATE scheduler_due SET attempts = attempts + 1, next_at = ? WHERE id = ?')
        .run(now() + Math.round(wait), due.id);
      return;
    }
    try {
      if (schedule.deadLetterArn === undefined) throw failure;
      options.bury(schedule, schedule.deadLetterArn, due, failure);
    } catch (lost) {
      options.lost(schedule, lost);
    }
    remove(due);
  };

  const attempt = (due: Due): void => {
    const schedule = schedules.get(due.schedule);
    // A schedule that a changed template no longer has.
    if (schedule === undefined) {
      remove(due);
      return;
    }
    try {
      options.deliver(schedule, due);
      remove(due);
    } catch (error) {
      settle(schedule, due, error);
    }
  };

  const tick = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    try {
      for (const schedule of schedules.values()) advance(schedule);
      const rows = store.prepare('SELECT * FROM scheduler_due WHERE next_at <= ? ORDER BY at').all(now());
      for (const row of rows) attempt(dueRow.parse(row));
    } catch (error) {
      options.defect(error);
    }
    timer = setTimeout(tick, POLL_MS);
  };

  return {
    start: () => {
      if (schedules.size > 0) tick();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
    get quiet() {
      return store.prepare('SELECT 1 FROM scheduler_due LIMIT 1').get() === undefined;
    },
    trigger: (name) => {
      const schedule = options.schedules.find((each) => each.name.split('/').at(-1) === name);
      if (schedule === undefined) throw new Problem('not-found', { detail: `There is no schedule ${name}.` });
      add(schedule, now());
    },
  };
}
