export type TransientReason = 'throttled' | 'timed-out' | 'unavailable' | 'interrupted';

/**
 * A failure that repeating may cure: a throttle, a time-out, a 5xx, a lost connection. Its `name` is what the state
 * machine's retriers match on. The message is made of names only, never of what was sent or received.
 */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** `PutObject`, `UpdateItem`, … */
  readonly operation: string;
  readonly reason: TransientReason;

  constructor(operation: string, reason: TransientReason) {
    super(`${operation}: ${reason}`);
    this.operation = operation;
    this.reason = reason;
  }
}
