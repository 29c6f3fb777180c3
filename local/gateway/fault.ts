/** Faults on purpose: what can be done to one call, and who is asked. */
import type { Caller } from '../service.ts';

export interface FaultCall {
  /** Increases by one with every call of this cloud. */
  readonly sequence: number;
  /** Signing name. */
  readonly service: string;
  /** `S3.PutObject` */
  readonly operation: string;
  readonly caller: Caller;
  readonly requestId: string;
}

export type Fault =
  /** As the service says it: 400 ThrottlingException, 503 SlowDown. Without effect. */
  | { readonly kind: 'throttle' }
  /** No answer, no effect: the connection ends after a short while. */
  | { readonly kind: 'timeout' }
  /** 500, without effect. */
  | { readonly kind: 'fail-before' }
  /** The effect takes place; the answer is 500, or is lost with the connection. */
  | { readonly kind: 'fail-after'; readonly lost?: boolean }
  /** The caller's worker dies at this call: before its effect, or after it but before the answer. */
  | { readonly kind: 'kill'; readonly afterEffect?: boolean };

/** Sees every authenticated call, in order, before its service does. */
export type FaultHook = (call: FaultCall) => Fault | undefined;
