/**
 * How a state fails: a name that Retry and Catch match, and a cause.
 * Names and their reach: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
import type { Json } from './json.ts';
import { MAXIMUM_PAYLOAD_BYTES, payloadBytes } from './json.ts';

/** The names that the interpreter itself gives. A task's own error names (`Error.name`, `Lambda.…`) stand beside them. */
export type StatesError =
  | 'States.DataLimitExceeded'
  | 'States.ExceedToleratedFailureThreshold'
  | 'States.ItemReaderFailed'
  | 'States.NoChoiceMatched'
  | 'States.Permissions'
  | 'States.QueryEvaluationError'
  | 'States.ResultWriterFailed'
  | 'States.Runtime'
  | 'States.Timeout';

/** A state failed. `cause` is a sentence made of names, or what a function answered; never a piece of the input. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string;
  readonly reason: string | undefined;
  constructor(error: string, reason?: string) {
    super(reason === undefined ? error : `${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
  }
}

/** For the names that the interpreter gives. */
export function statesFailure(error: StatesError, reason: string): StateFailure {
  return new StateFailure(error, reason);
}

/** Nothing catches it, whatever Catch names. */
const UNCATCHABLE: ReadonlySet<string> = new Set<StatesError>(['States.Runtime']);
/** Only its own name catches it; no wildcard does. */
const NOT_BY_WILDCARD: ReadonlySet<string> = new Set<StatesError>(['States.DataLimitExceeded']);

/** Whether a retrier or catcher that names these errors applies. */
export function matchesError(errorEquals: readonly string[], error: string): boolean {
  if (UNCATCHABLE.has(error)) return false;
  return errorEquals.some((pattern) => {
    if (pattern === error) return true;
    if (NOT_BY_WILDCARD.has(error)) return false;
    return pattern === 'States.ALL' || (pattern === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}

/** Refuses what a state may not carry. `what` names the field, e.g. `the output of state 'Seal'`. */
export function requirePayloadSize(value: Json, what: string): void {
  if (payloadBytes(value) > MAXIMUM_PAYLOAD_BYTES) {
    throw statesFailure('States.DataLimitExceeded', `${what} exceeds ${MAXIMUM_PAYLOAD_BYTES} bytes.`);
  }
}
