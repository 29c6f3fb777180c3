/** Executions from start to end: started, stopped, timed out, redriven, and taken up again after a restart. */
import { ApiError } from '../service.ts';
import { StateFailure } from './failure.ts';
import {
  beginExecution,
  createExecutions,
  definitionText,
  type Ending,
  type Execution,
  endExecution,
  findExecution,
  insertExecution,
  keepDefinition,
  reopenExecution,
  runningExecutions,
} from './journal/executions.ts';
import { createFrames, type Frame, insertFrame, rootFrame } from './journal/frames.ts';
import { appendEvent, createHistory, failureDetails, type HistoryEventType } from './journal/history.ts';
import { createMapRuns } from './journal/map-runs.ts';
import { parseJson } from './json.ts';
import { graphOf, type Machine, parseMachine, ROOT } from './machine.ts';
import { redriveBlocker, revive } from './redrive.ts';
import type { Surroundings } from './surroundings.ts';
import { sleepUntil } from './time.ts';
import { walk } from './walk.ts';

/** A state machine as the template declares it. */
export interface DeployedMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** The definition, JSON text. */
  readonly definition: string;
}

export interface Engine {
  /** Written down when this returns. The same name with the same input gives the running execution again. */
  start(machine: DeployedMachine, name: string | undefined, input: string): Execution;
  stop(arn: string, error: string | undefined, cause: string | undefined): Execution;
  redrive(arn: string): Execution;
  /** Takes up every execution that was running when the process ended. */
  resume(): void;
  /** When nothing runs. */
  idle(): Promise<void>;
  readonly running: number;
  /** Stops acting; what runs stays written down as running, for the next `resume`. */
  halt(): Promise<void>;
}

/** "Express workflows: maximum of 5 minutes". */
const EXPRESS_LIMIT_MS = 300_000;

class Halted extends Error {}
class Stopped extends Error {}
class TimedOut extends Error {}

export function createEngine(around: Surroundings): Engine {
  const { store } = around;
  createExecutions(store);
  createFrames(store);
  createHistory(store);
  createMapRuns(store);

  const machines = new Map<string, Machine>();
  const runs = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  const waiting: (() => void)[] = [];
  let halted = false;

  const machineOf = (execution: Pick<Execution, 'definition' | 'machineName'>): Machine => {
    const known = machines.get(execution.definition);
    if (known) return known;
    const machine = parseMachine(execution.machineName, definitionText(store, execution.definition));
    machines.set(execution.definition, machine);
    return machine;
  };

  const existing = (arn: string): Execution => {
    const execution = findExecution(store, arn);
    if (!execution) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  };

  const changed = (execution: Execution): void => {
    if (execution.mapRun === undefined) around.statusChanged(execution);
  };

  const conclude = (arn: string, ending: Ending): void =>
    store.transaction(() => {
      if (existing(arn).status !== 'RUNNING') return;
      const at = around.now();
      const previous = rootFrame(store, arn)?.lastEvent ?? 0;
      const { error, cause: reason, output } = ending;
      const failure = error === undefined ? {} : failureDetails({ error, reason });
      const details = output === undefined ? failure : { output, outputDetails: { truncated: false } };
      appendEvent(store, arn, { type: ENDED[ending.status], previous, at, details });
      endExecution(store, arn, ending, at);
      changed(existing(arn));
    });

  const firstFrame = (execution: Execution, machine: Machine): Frame =>
    store.transaction(() => {
      const known = rootFrame(store, execution.arn);
      if (known) return known;
      const details = { input: execution.input, inputDetails: { truncated: false }, roleArn: execution.roleArn };
      const at = around.now();
      const lastEvent = appendEvent(store, execution.arn, { type: 'ExecutionStarted', previous: 0, at, details });
      insertFrame(store, {
        execution: execution.arn,
        parent: undefined,
        ordinal: 0,
        graph: execution.graph,
        item: undefined,
        state: graphOf(machine, execution.graph).startAt,
        enteredAt: 0,
        input: parseJson(execution.input),
        lastEvent,
      });
      return firstFrame(execution, machine);
    });

  /** Ends when the execution has ended; throws the reason of `outside` when that stops it first. */
  const run = async (arn: string, outside: AbortSignal): Promise<void> => {
    const execution = existing(arn);
    const machine = machineOf(execution);
    const overdue = new AbortController();
    const over = new AbortController();
    const signal = AbortSignal.any([outside, overdue.signal]);
    if (execution.deadline !== undefined) {
      sleepUntil(execution.deadline, around.now, over.signal).then(
        () => overdue.abort(new TimedOut()),
        () => {},
      );
    }
    try {
      const frame = firstFrame(execution, machine);
      const output =
        frame.status === 'succeeded' && frame.output !== undefined
          ? frame.output
          : await walk({ around, execution, machine, runChild }, frame, {}, signal);
      conclude(arn, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (thrown) {
      outside.throwIfAborted();
      if (overdue.signal.aborted) conclude(arn, { status: 'TIMED_OUT', error: 'States.Timeout' });
      else if (thrown instanceof StateFailure) {
        conclude(arn, { status: 'FAILED', error: thrown.error, cause: thrown.reason });
      } else throw thrown;
    } finally {
      over.abort();
    }
  };

  const runChild = async (arn: string, signal: AbortSignal): Promise<void> => {
    const child = existing(arn);
    if (child.status === 'PENDING') {
      const at = around.now();
      beginExecution(store, arn, at, child.kind === 'EXPRESS' ? at + EXPRESS_LIMIT_MS : undefined);
    }
    try {
      await run(arn, signal);
    } catch (thrown) {
      if (signal.aborted && !(signal.reason instanceof Halted)) conclude(arn, { status: 'ABORTED' });
      throw thrown;
    }
  };

  const launch = (arn: string): void => {
    const abort = new AbortController();
    if (halted) return;
    const done = run(arn, abort.signal)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) around.defect(error);
      })
      .then(() => {
        runs.delete(arn);
        if (runs.size === 0) for (const resolve of waiting.splice(0)) resolve();
      });
    runs.set(arn, { abort, done });
  };

  const deadlineOf = (machine: Machine, from: number): number | undefined =>
    machine.timeoutSeconds === undefined ? undefined : from + machine.timeoutSeconds * 1_000;

  return {
    start: (machine, name = around.uuid(), input) => {
      const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
      const earlier = findExecution(store, arn);
      if (earlier) {
        if (earlier.status === 'RUNNING' && earlier.input === input) return earlier;
        throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      const startedAt = around.now();
      const execution = store.transaction(() => {
        const definition = keepDefinition(store, machine.definition);
        insertExecution(store, {
          arn,
          name,
          machineArn: machine.arn,
          machineName: machine.name,
          definition,
          roleArn: machine.roleArn,
          kind: 'STANDARD',
          graph: ROOT,
          status: 'RUNNING',
          input,
          startedAt,
          deadline: deadlineOf(machineOf({ definition, machineName: machine.name }), startedAt),
          mapRun: undefined,
          ordinal: 0,
          items: 0,
        });
        const started = existing(arn);
        changed(started);
        return started;
      });
      launch(arn);
      return execution;
    },

    stop: (arn, error, cause) => {
      if (existing(arn).status === 'RUNNING') {
        conclude(arn, { status: 'ABORTED', error, cause });
        runs.get(arn)?.abort.abort(new Stopped());
      }
      return existing(arn);
    },

    redrive: (arn) => {
      const execution = existing(arn);
      const blocker = redriveBlocker(execution, around.now());
      if (blocker !== undefined) throw new ApiError('ExecutionNotRedrivable', blocker);
      store.transaction(() => {
        const at = around.now();
        reopenExecution(store, arn, at, deadlineOf(machineOf(execution), at));
        revive(store, arn, at);
        changed(existing(arn));
      });
      launch(arn);
      return existing(arn);
    },

    resume: () => {
      for (const { arn } of runningExecutions(store)) if (!runs.has(arn)) launch(arn);
    },

    idle: () => (runs.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),

    get running() {
      return runs.size;
    },

    halt: async () => {
      halted = true;
      const ending = [...runs.values()];
      for (const { abort } of ending) abort.abort(new Halted());
      await Promise.all(ending.map(({ done }) => done));
    },
  };
}

const ENDED: Readonly<Record<Ending['status'], HistoryEventType>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};
