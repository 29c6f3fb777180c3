/** One visit of a state: what its kind sees, evaluates with, and writes down. */
import { type Bindings, evaluate } from './expression.ts';
import { requirePayloadSize, type StateFailure, statesFailure } from './failure.ts';
import type { Execution } from './journal/executions.ts';
import { type Frame, saveFrame } from './journal/frames.ts';
import { appendEvent, type HistoryEventType } from './journal/history.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';
import type { Graph, Machine } from './machine.ts';
import type { Surroundings } from './surroundings.ts';

export interface Visit {
  readonly around: Surroundings;
  readonly execution: Execution;
  readonly machine: Machine;
  readonly graph: Graph;
  readonly frame: Frame;
  /** Variables of the scopes around, the nearest winning. */
  readonly outer: JsonObject;
  readonly signal: AbortSignal;
  /** Walks a branch or an item to its end. Throws `StateFailure` when it fails. */
  walk(frame: Frame, signal: AbortSignal): Promise<Json>;
  /** Runs a child of a Map Run to its end, whatever that is. */
  runChild(arn: string, signal: AbortSignal): Promise<void>;
}

/** What a state leads to. `next` is undefined where the graph ends. */
export interface Outcome {
  readonly next: string | undefined;
  readonly output: Json;
  readonly assign: JsonObject;
}

export interface Seen {
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** `$states.context.Map.Item`, where it is another than the frame's. */
  readonly item?: Json;
}

const rfc3339 = (at: number): string => new Date(at).toISOString();

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
function contextObject(visit: Visit, item: Json | undefined): JsonObject {
  const { execution, frame } = visit;
  return {
    Execution: {
      Id: execution.arn,
      Input: parseJson(execution.input),
      Name: execution.name,
      RoleArn: execution.roleArn,
      StartTime: rfc3339(execution.startedAt),
      RedriveCount: execution.redriveCount,
      ...(execution.redrivenAt === undefined ? {} : { RedriveTime: rfc3339(execution.redrivenAt) }),
    },
    State: {
      EnteredTime: rfc3339(frame.enteredAt),
      Name: frame.state,
      RetryCount: frame.retries.reduce((sum, count) => sum + count, 0),
    },
    StateMachine: { Id: execution.machineArn, Name: execution.machineName },
    ...(item === undefined ? {} : { Map: { Item: item } }),
  };
}

export function bindings(visit: Visit, seen: Seen = {}): Bindings {
  const { result, errorOutput, item } = seen;
  return {
    ...visit.outer,
    ...visit.frame.variables,
    states: {
      input: visit.frame.input,
      context: contextObject(visit, item ?? visit.frame.item),
      ...(result === undefined ? {} : { result }),
      ...(errorOutput === undefined ? {} : { errorOutput }),
    },
  };
}

/** Evaluates one field of the state. Throws `StateFailure`. */
export function evaluateField(visit: Visit, field: string, template: Json, seen: Seen = {}): Promise<Json> {
  return evaluate(template, bindings(visit, seen), field);
}

export function wrongType(field: string, wanted: string): StateFailure {
  return statesFailure('States.QueryEvaluationError', `The field '${field}' must evaluate to ${wanted}.`);
}

/** A field that is a number or an expression for one. */
export async function evaluateNumber(
  visit: Visit,
  field: string,
  value: number | string | undefined,
): Promise<number | undefined> {
  if (value === undefined) return undefined;
  const number = await evaluateField(visit, field, value);
  if (typeof number === 'number' && number >= 0) return number;
  throw wrongType(field, 'a number that is not negative');
}

/** Output and assignments, both from the variables as they were. `fallback` is the output where the state names none. */
export async function effectsOf(
  visit: Visit,
  source: { readonly Output?: Json | undefined; readonly Assign?: JsonObject | undefined },
  fallback: Json,
  seen: Seen = {},
): Promise<{ readonly output: Json; readonly assign: JsonObject }> {
  const output = source.Output === undefined ? fallback : await evaluateField(visit, 'Output', source.Output, seen);
  const assign = source.Assign === undefined ? {} : await evaluateField(visit, 'Assign', source.Assign, seen);
  requirePayloadSize(output, `The output of the state '${visit.frame.state}'`);
  requirePayloadSize(assign, `What the state '${visit.frame.state}' assigns`);
  return { output, assign: isObject(assign) ? assign : {} };
}

/** Writes an event of this frame down, inside the caller's transaction where there is one. */
export function record(visit: Visit, type: HistoryEventType, details?: Json): void {
  recordFor(visit, visit.frame, type, details);
}

export function recordFor(visit: Visit, frame: Frame, type: HistoryEventType, details?: Json): void {
  visit.signal.throwIfAborted();
  frame.lastEvent = appendEvent(visit.around.store, visit.execution.arn, {
    type,
    previous: frame.lastEvent,
    at: visit.around.now(),
    ...(details === undefined ? {} : { details }),
  });
}

/** One transaction: the events that `work` records and the frame as it then is. Nothing is written once the walk is stopped. */
export function commit(visit: Visit, work: () => void): void {
  visit.signal.throwIfAborted();
  visit.around.store.transaction(() => {
    work();
    saveFrame(visit.around.store, visit.frame);
  });
}
