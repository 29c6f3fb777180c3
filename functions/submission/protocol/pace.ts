import type { Clock, Deadline } from '../../../shared/ports.ts';

/** Kept for what follows the last chunk: the manifest, the outcome entry, the answer. */
const RESERVE_MS = 15_000;

/**
 * Says whether another chunk fits into the invocation. A chunk takes at most twice as long as the slowest so far; what
 * does not fit goes on in the next invocation, from a cursor, instead of being killed half way.
 */
export class Pace {
  readonly #deadline: Deadline;
  readonly #clock: Clock;
  #slowestMs = 0;
  #since = 0;

  constructor(ports: { readonly deadline: Deadline; readonly clock: Clock }) {
    this.#deadline = ports.deadline;
    this.#clock = ports.clock;
  }

  begin(): void {
    this.#since = this.#clock.now();
  }

  /** To be called when what `begin` began is committed. At least one chunk is therefore done by each invocation. */
  fitsAnother(): boolean {
    this.#slowestMs = Math.max(this.#slowestMs, this.#clock.now() - this.#since);
    return this.#deadline.remaining() > RESERVE_MS + 2 * this.#slowestMs;
  }
}
