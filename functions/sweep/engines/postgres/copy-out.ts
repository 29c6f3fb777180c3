/**
 * COPY … TO STDOUT, its data taken from the socket itself. A driver handles a message at a time, and a server sends a message for every row.
 * So what comes is shown to the feed first, and what is no data goes on to the driver.
 *
 * This relies on the inside of pg, whose version is pinned for it: a connection with a stream, and one listener of its own on its data. The
 * guard below refuses another inside.
 */
import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { malformed } from '../../../../shared/canonical/postgres/copy-format.ts';
import type { CopyFeed } from '../../../../shared/fingerprint/copy-feed.ts';
import { Problem } from '../../../../shared/problem.ts';
import { endpointProblem } from './errors.ts';

type Feed = Pick<CopyFeed, 'pushMessages'>;
type Listener = (bytes: Buffer) => void;

export function copyOut(client: pg.Client, sql: string, feed: Feed): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyOut(sql, feed, resolve, reject));
  });
}

/** Type and length of a message. */
const HEADER_BYTES = 5;

class CopyOut {
  readonly #sql: string;
  readonly #feed: Feed;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #stream: Duplex | undefined;
  #listener: Listener = () => {};
  /** The beginning of a message that is no data. */
  #other: Buffer = Buffer.alloc(0);

  constructor(sql: string, feed: Feed, resolve: () => void, reject: (error: unknown) => void) {
    this.#sql = sql;
    this.#feed = feed;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** What follows is called by the driver. */
  submit(connection: pg.Connection): void {
    const { stream } = connection;
    const [listener, ...others] = stream.listeners('data');
    if (listener === undefined || others.length > 0) {
      throw new Problem('internal-failure', {
        detail: 'The PostgreSQL driver is not the one that this was written for.',
      });
    }
    this.#stream = stream;
    this.#listener = listener as Listener;
    stream.off('data', this.#listener).on('data', this.#take);
    connection.query(this.#sql);
  }

  handleError(error: unknown): void {
    this.#detach();
    this.#reject(endpointProblem(error));
  }

  handleReadyForQuery(): void {
    this.#detach();
    this.#resolve();
  }

  handleCommandComplete(): void {}

  readonly #take: Listener = (bytes) => {
    try {
      this.#sort(bytes);
    } catch (error) {
      this.#reject(error);
      this.#stream?.destroy();
    }
  };

  /** Data to the feed, all else to the driver, message by message. */
  #sort(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#stream === undefined) {
        this.#listener(bytes.subarray(at));
        return;
      }
      if (this.#other.length === 0) {
        at += this.#feed.pushMessages(at === 0 ? bytes : bytes.subarray(at));
        if (at === bytes.length) return;
      }
      at += this.#gather(bytes.subarray(at));
    }
  }

  /** Hands a message to the driver when it is all there; returns how many bytes it took of what came. */
  #gather(bytes: Buffer): number {
    const before = this.#other.length;
    const message = Buffer.concat([this.#other, bytes]);
    const length = message.length < HEADER_BYTES ? undefined : message.readUInt32BE(1);
    if (length !== undefined && length < 4) throw malformed();
    if (length === undefined || message.length < 1 + length) {
      this.#other = message;
      return bytes.length;
    }
    this.#other = Buffer.alloc(0);
    this.#listener(message.subarray(0, 1 + length));
    return 1 + length - before;
  }

  #detach(): void {
    this.#stream?.off('data', this.#take).on('data', this.#listener);
    this.#stream = undefined;
  }
}
