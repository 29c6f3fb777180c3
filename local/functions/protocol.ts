/** What an execution environment and the worker inside it say to each other. */

/** To the worker: how to load the handler. */
export interface Boot {
  readonly folder: string;
  /** `index.handler` */
  readonly handler: string;
}

/** To the worker: one invocation. There is never a second one before the answer to the first. */
export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memory: number;
  readonly logGroup: string;
  readonly logStream: string;
}

/** A function error in the shape in which Lambda answers it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** From the worker. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: FunctionError };
