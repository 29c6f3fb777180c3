/** A Task: one invocation of a function, or events on the bus, as the machine's role. It may happen again after a crash (at least once). */
import { ApiError } from '../../service.ts';
import type { TaskState } from '../definition.ts';
import { requirePayloadSize, StateFailure, statesFailure } from '../failure.ts';
import type { HistoryEventType } from '../journal/history.ts';
import { failureDetails } from '../journal/history.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { taskIntegration } from '../machine.ts';
import type { InvocationResult } from '../surroundings.ts';
import { within } from '../time.ts';
import {
  commit,
  effectsOf,
  evaluateField,
  evaluateNumber,
  type Outcome,
  record,
  type Visit,
  wrongType,
} from '../visit.ts';
import { readEntries } from './put-events.ts';

/** The integrations differ in what they take, in what they give back, and in the names of their events. */
interface Call {
  perform(): Promise<InvocationResult>;
  /** What stands before the name of an error of the service itself; and how that service calls a missing permission. */
  readonly failures: { readonly prefix: string; readonly denied: string };
  readonly events: {
    readonly scheduled: HistoryEventType;
    readonly started: HistoryEventType;
    readonly succeeded: HistoryEventType;
    readonly failed: HistoryEventType;
    readonly timedOut: HistoryEventType;
  };
  /** Members that the events of this integration carry besides their own. */
  readonly about: JsonObject;
  readonly scheduled: JsonObject;
  result(answer: Json, requestId: string): Json;
}

export async function task(state: TaskState, visit: Visit): Promise<Outcome> {
  const { frame } = visit;
  const given = state.Arguments === undefined ? frame.input : await evaluateField(visit, 'Arguments', state.Arguments);
  requirePayloadSize(given, `What the state '${frame.state}' passes on`);
  const timeoutSeconds = await evaluateNumber(visit, 'TimeoutSeconds', state.TimeoutSeconds);
  const call = callOf(state, visit, given);
  const time = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
  commit(visit, () => {
    record(visit, call.events.scheduled, { ...call.about, ...call.scheduled, ...time });
    record(visit, call.events.started, call.about);
  });
  const result = await invoked(call, visit, timeoutSeconds);
  commit(visit, () => record(visit, call.events.succeeded, { ...call.about, output: JSON.stringify(result) }));
  return { next: state.Next, ...(await effectsOf(visit, state, result, { result })) };
}

function callOf(state: TaskState, visit: Visit, given: Json): Call {
  const integration = taskIntegration(state.Resource);
  if (integration === 'putEvents') return putEventsCall(visit, given);
  return integration === 'invoke' ? invokeCall(visit, given) : functionCall(state, visit, given);
}

async function invoked(call: Call, visit: Visit, timeoutSeconds: number | undefined): Promise<Json> {
  const { frame } = visit;
  try {
    const answer = await within(call.perform(), {
      signal: visit.signal,
      timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000,
      late: () => statesFailure('States.Timeout', `The state '${frame.state}' ran out of its time.`),
    });
    if (answer.failed) throw functionFailure(answer);
    const result = call.result(answerOf(answer), answer.requestId);
    requirePayloadSize(result, `What the function of the state '${frame.state}' returned`);
    return result;
  } catch (thrown) {
    visit.signal.throwIfAborted();
    const failure = taskFailure(thrown, call);
    const type = failure.error === 'States.Timeout' ? call.events.timedOut : call.events.failed;
    commit(visit, () => record(visit, type, { ...call.about, ...failureDetails(failure) }));
    throw failure;
  }
}

/** A function that returns nothing answers `null`. */
function answerOf(answer: InvocationResult): Json {
  try {
    return parseJson(answer.payload);
  } catch {
    throw statesFailure('States.Runtime', 'The function answered with something other than JSON.');
  }
}

/** The error name is the function's own `errorType` (`Sandbox.Timedout`, `Runtime.ExitError`, an `Error.name`). */
function functionFailure(answer: InvocationResult): StateFailure {
  const payload = answerOf(answer);
  const errorType = isObject(payload) && typeof payload.errorType === 'string' ? payload.errorType : 'Lambda.Unknown';
  return new StateFailure(errorType, answer.payload);
}

/** What a service itself refuses is `<Service>.<exception>`; a missing permission comes as its general exception. */
function taskFailure(thrown: unknown, { failures }: Call): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  if (!(thrown instanceof ApiError)) throw thrown;
  const denied = thrown.code.startsWith('AccessDenied');
  return new StateFailure(`${failures.prefix}.${denied ? failures.denied : thrown.code}`, thrown.message);
}

const LAMBDA = { prefix: 'Lambda', denied: 'AWSLambdaException' };
const TASK_EVENTS = {
  scheduled: 'TaskScheduled',
  started: 'TaskStarted',
  succeeded: 'TaskSucceeded',
  failed: 'TaskFailed',
  timedOut: 'TaskTimedOut',
} as const;

const invocation = ({ around, execution }: Visit, functionName: string, payload: Json) =>
  around.functions.invoke({ roleArn: execution.roleArn, functionName, payload: JSON.stringify(payload) });

/** `arn:aws:states:::lambda:invoke` */
function invokeCall(visit: Visit, given: Json): Call {
  const { FunctionName, Payload, ...rest } = isObject(given) ? given : {};
  if (typeof FunctionName !== 'string') throw wrongType('Arguments/FunctionName', 'a string');
  const about = { resourceType: 'lambda', resource: 'invoke' };
  return {
    perform: () => invocation(visit, FunctionName, Payload ?? {}),
    failures: LAMBDA,
    events: TASK_EVENTS,
    about,
    scheduled: {
      region: visit.around.region,
      parameters: JSON.stringify({ FunctionName, Payload: Payload ?? {}, ...rest }),
    },
    result: (answer, requestId) => ({
      ExecutedVersion: '$LATEST',
      Payload: answer,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: requestId },
      StatusCode: 200,
    }),
  };
}

/** The ARN of a function as the resource: the arguments are its payload and its answer is the result. */
function functionCall(state: TaskState, visit: Visit, given: Json): Call {
  return {
    perform: () => invocation(visit, state.Resource, given),
    failures: LAMBDA,
    events: {
      scheduled: 'LambdaFunctionScheduled',
      started: 'LambdaFunctionStarted',
      succeeded: 'LambdaFunctionSucceeded',
      failed: 'LambdaFunctionFailed',
      timedOut: 'LambdaFunctionTimedOut',
    },
    about: {},
    scheduled: { resource: state.Resource, input: JSON.stringify(given) },
    result: (answer) => answer,
  };
}

/** `arn:aws:states:::events:putEvents`. The execution is among the event's resources, as Step Functions puts it there. */
function putEventsCall(visit: Visit, given: Json): Call {
  const { around, execution } = visit;
  const entries = readEntries(given);
  if (typeof entries === 'string') throw statesFailure('States.Runtime', entries);
  const from = [execution.arn, execution.machineArn];
  const events = entries.map((entry) => ({ ...entry, resources: [...from, ...entry.resources] }));
  const about = { resourceType: 'events', resource: 'putEvents' };
  return {
    perform: async () => ({
      payload: JSON.stringify(around.events.put(execution.roleArn, events)),
      failed: false,
      requestId: around.uuid(),
    }),
    failures: { prefix: 'EventBridge', denied: 'EventBridgeException' },
    events: TASK_EVENTS,
    about,
    scheduled: { region: around.region, parameters: JSON.stringify(given) },
    result: (ids) => ({
      Entries: Array.isArray(ids) ? ids.map((EventId) => ({ EventId })) : [],
      FailedEntryCount: 0,
    }),
  };
}
