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
  #since: number;

  constructor(ports: { readonly deadline: Deadline; readonly clock: Clock }) {
    this.#deadline = ports.deadline;
    this.#clock = ports.clock;
    this.#since = ports.clock.now();
  }

  /** To be called after each chunk that was worked on. */
  fitsAnother(): boolean {
    const now = this.#clock.now();
    this.#slowestMs = Math.max(this.#slowestMs, now - this.#since);
    this.#since = now;
    return this.#deadline.remaining() > RESERVE_MS + 2 * this.#slowestMs;
  }
}
