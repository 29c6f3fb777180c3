import type { Session } from './session.ts';

/**
 * Sessions that read one state. One that has done its work ends its transaction, because an idle one keeps its locks, and waits for more; one
 * that was left in the middle of something is closed. There are never more than there are scans and look-ups under way.
 */
export class Sessions {
  readonly #open: () => Promise<Session>;
  readonly #begin: (session: Session) => Promise<void>;
  readonly #idle: Session[] = [];

  constructor(open: () => Promise<Session>, begin: (session: Session) => Promise<void>) {
    this.#open = open;
    this.#begin = begin;
  }

  /** A session in a transaction that reads the state. */
  async acquire(): Promise<Session> {
    const session = this.#idle.pop() ?? (await this.#open());
    try {
      await this.#begin(session);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async release(session: Session): Promise<void> {
    await session.query('COMMIT');
    this.#idle.push(session);
  }

  /** Runs `work` on a session, which is closed when the work fails. */
  async use<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await this.acquire();
    try {
      const result = await work(session);
      await this.release(session);
      return result;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((session) => session.close()));
  }
}
