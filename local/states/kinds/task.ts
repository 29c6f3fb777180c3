/** A Task: one invocation of a function, as the machine's role. It may happen again after a crash (at least once). */
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

/** The two integrations differ in what they take, in what they give back, and in the names of their events. */
interface Call {
  readonly functionName: string;
  readonly payload: Json;
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
  const call = taskIntegration(state.Resource) === 'invoke' ? invokeCall(visit, given) : functionCall(state, given);
  const time = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
  commit(visit, () => {
    record(visit, call.events.scheduled, { ...call.about, ...call.scheduled, ...time });
    record(visit, call.events.started, call.about);
  });
  const result = await invoked(call, visit, timeoutSeconds);
  commit(visit, () => record(visit, call.events.succeeded, { ...call.about, output: JSON.stringify(result) }));
  return { next: state.Next, ...(await effectsOf(visit, state, result, { result })) };
}

async function invoked(call: Call, visit: Visit, timeoutSeconds: number | undefined): Promise<Json> {
  const { around, execution, frame } = visit;
  try {
    const invocation = around.functions.invoke({
      roleArn: execution.roleArn,
      functionName: call.functionName,
      payload: JSON.stringify(call.payload),
    });
    const answer = await within(invocation, {
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
    const failure = taskFailure(thrown);
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

/** What Lambda itself refuses is `Lambda.<exception>`; a missing permission comes as Lambda's general exception. */
function taskFailure(thrown: unknown): StateFailure {
  if (thrown instanceof StateFailure) return thrown;
  if (!(thrown instanceof ApiError)) throw thrown;
  const denied = thrown.code.startsWith('AccessDenied');
  return new StateFailure(`Lambda.${denied ? 'AWSLambdaException' : thrown.code}`, thrown.message);
}

/** `arn:aws:states:::lambda:invoke` */
function invokeCall(visit: Visit, given: Json): Call {
  const { FunctionName, Payload, ...rest } = isObject(given) ? given : {};
  if (typeof FunctionName !== 'string') throw wrongType('Arguments/FunctionName', 'a string');
  const about = { resourceType: 'lambda', resource: 'invoke' };
  return {
    functionName: FunctionName,
    payload: Payload ?? {},
    events: {
      scheduled: 'TaskScheduled',
      started: 'TaskStarted',
      succeeded: 'TaskSucceeded',
      failed: 'TaskFailed',
      timedOut: 'TaskTimedOut',
    },
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
function functionCall(state: TaskState, given: Json): Call {
  return {
    functionName: state.Resource,
    payload: given,
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
