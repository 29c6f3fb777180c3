/** What the interpreter needs of the cloud around it. */
import type { Readable } from 'node:stream';
import type { Store } from '../store.ts';
import type { Execution } from './journal/executions.ts';

export interface InvocationResult {
  /** JSON text: the function's answer, or `{"errorType", "errorMessage", …}` where it failed. */
  readonly payload: string;
  readonly failed: boolean;
  readonly requestId: string;
}

export interface FunctionInvoker {
  /**
   * Invokes as the role, and waits for the answer. Throws `ApiError` when Lambda itself refuses: `AccessDeniedException`,
   * `ResourceNotFoundException`, `TooManyRequestsException`, `RequestTooLargeException`, `ServiceException`.
   * @param functionName name or ARN, with or without the qualifier `$LATEST`
   * @param payload JSON text
   */
  invoke(call: {
    readonly roleArn: string;
    readonly functionName: string;
    readonly payload: string;
  }): Promise<InvocationResult>;
}

export interface PutEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources: readonly string[];
}

export interface EventBusAccess {
  /** Puts events on the default bus as the role; gives their ids. They are durable when this returns. Throws `ApiError`. */
  put(roleArn: string, events: readonly PutEvent[]): readonly string[];
}

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  /** RFC 3339. */
  readonly lastModified: string;
  readonly storageClass: string;
}

/** Object storage as a role sees it. Every method throws `ApiError` as S3 answers. */
export interface ObjectAccess {
  read(bucket: string, key: string, versionId: string | undefined): Promise<Readable>;
  write(bucket: string, key: string, body: string): Promise<void>;
  list(bucket: string, prefix: string): AsyncIterable<ListedObject>;
}

export interface Surroundings {
  readonly store: Store;
  readonly accountId: string;
  readonly region: string;
  readonly functions: FunctionInvoker;
  readonly events: EventBusAccess;
  objects(roleArn: string): ObjectAccess;
  /** Throws `ApiError` unless the role may start and watch the children of a Map Run of this machine. */
  requireChildren(roleArn: string, machineArn: string): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  uuid(): string;
  /** What waits and delays before retries are multiplied by; 1 is real time. Time limits are never scaled: work takes as long as it takes. */
  readonly timeScale: number;
  /** The status of a standard execution has changed. Called inside the transaction of the change. */
  statusChanged(execution: Execution): void;
  /** A defect of the interpreter itself, not of a definition. */
  defect(error: unknown): void;
}
