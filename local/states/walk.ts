/**
 * Walks one frame from state to state until its graph ends. What comes next is written down, in one transaction with
 * the events about it, before it is acted on; a walk that begins after a crash takes the same path as the first.
 */
import type { Catcher, State } from './definition.ts';
import { matchesError, StateFailure, statesFailure } from './failure.ts';
import { dropChildFrames, type Frame } from './journal/frames.ts';
import { failureDetails, type HistoryEventType } from './journal/history.ts';
import { releaseMapRun } from './journal/map-runs.ts';
import type { Json, JsonObject } from './json.ts';
import { map } from './kinds/map.ts';
import { parallel } from './kinds/parallel.ts';
import { choice, fail, pass, succeed, wait } from './kinds/plain.ts';
import { task } from './kinds/task.ts';
import { graphOf } from './machine.ts';
import { nextRetry } from './recovery.ts';
import { sleepUntil } from './time.ts';
import { commit, effectsOf, type Outcome, record, type Visit } from './visit.ts';

/** What all frames of an execution share. */
export type Walk = Pick<Visit, 'around' | 'execution' | 'machine' | 'runChild'>;

/** The output of the frame's graph. Throws `StateFailure` when it fails, the signal's reason when it is stopped. */
export async function walk(shared: Walk, frame: Frame, outer: JsonObject, signal: AbortSignal): Promise<Json> {
  const graph = graphOf(shared.machine, frame.graph);
  const visit: Visit = {
    ...shared,
    graph,
    frame,
    outer,
    signal,
    walk: (child, childSignal) => walk(shared, child, { ...outer, ...frame.variables }, childSignal),
  };
  if (frame.enteredAt === 0) commit(visit, () => enter(visit, stateOf(visit)));
  for (;;) {
    const state = stateOf(visit);
    const outcome = await attempt(state, visit);
    if (outcome === 'again') continue;
    if (outcome.next === undefined) return finish(state, visit, outcome);
    move(state, visit, outcome, outcome.next);
  }
}

function stateOf({ graph, frame }: Visit): State {
  const state = graph.states.get(frame.state);
  if (!state) throw new Error(`the graph has no state '${frame.state}'`);
  return state;
}

async function attempt(state: State, visit: Visit): Promise<Outcome | 'again'> {
  try {
    // The delay before a retry; a Wait keeps its own end there.
    if (state.Type !== 'Wait' && visit.frame.wakeAt !== undefined) {
      await sleepUntil(visit.frame.wakeAt, visit.around.now, visit.signal);
    }
    return await perform(state, visit);
  } catch (thrown) {
    visit.signal.throwIfAborted();
    return recover(state, visit, failureOf(thrown, visit));
  }
}

function perform(state: State, visit: Visit): Promise<Outcome> {
  switch (state.Type) {
    case 'Task':
      return task(state, visit);
    case 'Choice':
      return choice(state, visit);
    case 'Parallel':
      return parallel(state, visit);
    case 'Map':
      return map(state, visit);
    case 'Wait':
      return wait(state, visit);
    case 'Pass':
      return pass(state, visit);
    case 'Succeed':
      return succeed(state, visit);
    case 'Fail':
      return fail(state, visit);
  }
}

/** Whatever is not a failure of a state is a defect here: it ends the execution, and nothing catches it. */
function failureOf(thrown: unknown, visit: Visit): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  visit.around.defect(thrown);
  return statesFailure('States.Runtime', `The state '${visit.frame.state}' could not be run.`);
}

async function recover(state: State, visit: Visit, failure: StateFailure): Promise<Outcome | 'again'> {
  const { around, frame } = visit;
  const retry = 'Retry' in state ? nextRetry(state.Retry, frame.retries, failure.error, around.random) : undefined;
  if (retry) {
    commit(visit, () => {
      recordEvaluation(visit, failure);
      leaveChildren(visit);
      frame.retries = retry.retries;
      frame.wakeAt = around.now() + Math.round(retry.delaySeconds * 1_000 * around.timeScale);
    });
    return 'again';
  }
  const catchers: readonly Catcher[] = 'Catch' in state ? state.Catch : [];
  const catcher = catchers.find((candidate) => matchesError(candidate.ErrorEquals, failure.error));
  if (!catcher) return give(visit, failure);
  const errorOutput = {
    Error: failure.error,
    ...(failure.reason === undefined ? {} : { Cause: failure.reason }),
  };
  try {
    return { next: catcher.Next, ...(await effectsOf(visit, catcher, errorOutput, { errorOutput })) };
  } catch (thrown) {
    visit.signal.throwIfAborted();
    return give(visit, failureOf(thrown, visit));
  }
}

/** Nothing took the failure: the frame has failed. What lies below it stays, for a redrive. */
function give(visit: Visit, failure: StateFailure): never {
  commit(visit, () => {
    recordEvaluation(visit, failure);
    visit.frame.status = 'failed';
  });
  throw failure;
}

function recordEvaluation(visit: Visit, failure: StateFailure): void {
  if (failure.error !== 'States.QueryEvaluationError') return;
  record(visit, 'EvaluationFailed', { ...failureDetails(failure), state: visit.frame.state });
}

function enter(visit: Visit, state: State): void {
  visit.frame.enteredAt = visit.around.now();
  record(visit, `${state.Type}StateEntered`, {
    name: visit.frame.state,
    input: JSON.stringify(visit.frame.input),
    inputDetails: { truncated: false },
  });
}

function exit(visit: Visit, state: State, outcome: Outcome): void {
  leaveChildren(visit);
  visit.frame.variables = { ...visit.frame.variables, ...outcome.assign };
  if (state.Type === 'Fail') return;
  const assigned = Object.entries(outcome.assign).map(([name, value]) => [name, JSON.stringify(value)]);
  const event: HistoryEventType = `${state.Type}StateExited`;
  record(visit, event, {
    name: visit.frame.state,
    output: JSON.stringify(outcome.output),
    outputDetails: { truncated: false },
    ...(assigned.length === 0
      ? {}
      : { assignedVariables: Object.fromEntries(assigned), assignedVariablesDetails: { truncated: false } }),
  });
}

function move(state: State, visit: Visit, outcome: Outcome, next: string): void {
  const { frame } = visit;
  commit(visit, () => {
    exit(visit, state, outcome);
    frame.state = next;
    frame.input = outcome.output;
    frame.retries = [];
    frame.wakeAt = undefined;
    enter(visit, stateOf(visit));
  });
}

function finish(state: State, visit: Visit, outcome: Outcome): Json {
  commit(visit, () => {
    exit(visit, state, outcome);
    visit.frame.status = 'succeeded';
    visit.frame.output = outcome.output;
  });
  return outcome.output;
}

/** Branches, items and the Map Run belong to one attempt of one visit. */
function leaveChildren({ around, frame }: Visit): void {
  dropChildFrames(around.store, frame);
  releaseMapRun(around.store, frame);
}
