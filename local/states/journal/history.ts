/**
 * The history of an execution, in the event types of GetExecutionHistory
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html).
 */
import type { Store } from '../../store.ts';
import { statesFailure } from '../failure.ts';
import { type Json, type JsonObject, parseJson } from '../json.ts';

/** The member of an event that carries the details of each type. */
const DETAILS = {
  ExecutionStarted: 'executionStartedEventDetails',
  ExecutionSucceeded: 'executionSucceededEventDetails',
  ExecutionFailed: 'executionFailedEventDetails',
  ExecutionTimedOut: 'executionTimedOutEventDetails',
  ExecutionAborted: 'executionAbortedEventDetails',
  ExecutionRedriven: 'executionRedrivenEventDetails',
  TaskStateEntered: 'stateEnteredEventDetails',
  TaskStateExited: 'stateExitedEventDetails',
  ChoiceStateEntered: 'stateEnteredEventDetails',
  ChoiceStateExited: 'stateExitedEventDetails',
  PassStateEntered: 'stateEnteredEventDetails',
  PassStateExited: 'stateExitedEventDetails',
  WaitStateEntered: 'stateEnteredEventDetails',
  WaitStateExited: 'stateExitedEventDetails',
  SucceedStateEntered: 'stateEnteredEventDetails',
  SucceedStateExited: 'stateExitedEventDetails',
  FailStateEntered: 'stateEnteredEventDetails',
  ParallelStateEntered: 'stateEnteredEventDetails',
  ParallelStateExited: 'stateExitedEventDetails',
  ParallelStateStarted: undefined,
  ParallelStateSucceeded: undefined,
  ParallelStateFailed: undefined,
  MapStateEntered: 'stateEnteredEventDetails',
  MapStateExited: 'stateExitedEventDetails',
  MapStateStarted: 'mapStateStartedEventDetails',
  MapStateSucceeded: undefined,
  MapStateFailed: undefined,
  MapIterationStarted: 'mapIterationStartedEventDetails',
  MapIterationSucceeded: 'mapIterationSucceededEventDetails',
  MapIterationFailed: 'mapIterationFailedEventDetails',
  MapRunStarted: 'mapRunStartedEventDetails',
  MapRunSucceeded: undefined,
  MapRunFailed: 'mapRunFailedEventDetails',
  MapRunRedriven: 'mapRunRedrivenEventDetails',
  TaskScheduled: 'taskScheduledEventDetails',
  TaskStarted: 'taskStartedEventDetails',
  TaskSucceeded: 'taskSucceededEventDetails',
  TaskFailed: 'taskFailedEventDetails',
  TaskTimedOut: 'taskTimedOutEventDetails',
  LambdaFunctionScheduled: 'lambdaFunctionScheduledEventDetails',
  LambdaFunctionStarted: undefined,
  LambdaFunctionSucceeded: 'lambdaFunctionSucceededEventDetails',
  LambdaFunctionFailed: 'lambdaFunctionFailedEventDetails',
  LambdaFunctionTimedOut: 'lambdaFunctionTimedOutEventDetails',
  EvaluationFailed: 'evaluationFailedEventDetails',
} as const;

export type HistoryEventType = keyof typeof DETAILS;

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: HistoryEventType;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly detailsMember: string | undefined;
  readonly details: Json;
}

/** "Maximum execution history size: 25,000 events" (Step Functions service quotas). */
const MAXIMUM_EVENTS = 25_000;

export function createHistory(store: Store): void {
  store.db.exec(`CREATE TABLE IF NOT EXISTS states_history (
    execution TEXT NOT NULL REFERENCES states_executions (arn) ON DELETE CASCADE,
    id INTEGER NOT NULL, previous INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, details TEXT NOT NULL,
    PRIMARY KEY (execution, id)
  ) WITHOUT ROWID`);
}

/** Returns the event's id. Throws `States.Runtime` when the history is full; the event that ends it always has room. */
export function appendEvent(
  store: Store,
  execution: string,
  event: { readonly type: HistoryEventType; readonly previous: number; readonly at: number; readonly details?: Json },
): number {
  const last = store.prepare('SELECT max(id) AS id FROM states_history WHERE execution = ?').get(execution);
  const id = Number(last?.id ?? 0) + 1;
  if (id >= MAXIMUM_EVENTS && !event.type.startsWith('Execution')) {
    throw statesFailure('States.Runtime', `The execution reached the maximum number of history events (25000).`);
  }
  store
    .prepare('INSERT INTO states_history (execution, id, previous, type, at, details) VALUES (?, ?, ?, ?, ?, ?)')
    .run(execution, id, event.previous, event.type, event.at, JSON.stringify(event.details ?? {}));
  return id;
}

export function readHistory(
  store: Store,
  execution: string,
  page: { readonly limit: number; readonly offset: number; readonly reverse: boolean },
): HistoryEvent[] {
  const rows = store
    .prepare(`SELECT * FROM states_history WHERE execution = ?
      ORDER BY ${page.reverse ? 'id DESC' : 'id'} LIMIT ? OFFSET ?`)
    .all(execution, page.limit, page.offset);
  return rows.flatMap((row) => {
    const type = String(row.type);
    if (!isEventType(type)) return [];
    return {
      id: Number(row.id),
      previousEventId: Number(row.previous),
      type,
      timestamp: Number(row.at),
      detailsMember: DETAILS[type],
      details: parseJson(String(row.details)),
    };
  });
}

function isEventType(type: string): type is HistoryEventType {
  return Object.hasOwn(DETAILS, type);
}

/** Error and cause as the details of events carry them. */
export function failureDetails(failure: { readonly error: string; readonly reason: string | undefined }): JsonObject {
  return { error: failure.error, ...(failure.reason === undefined ? {} : { cause: failure.reason }) };
}
