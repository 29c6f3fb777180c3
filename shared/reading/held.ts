/**
 * The bytes of the one record that straddles blocks: never more than the limit. Of a larger record nothing is kept.
 */
export class Held {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #open = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether the record began in an earlier block. */
  get open(): boolean {
    return this.#open;
  }

  keep(piece: Buffer): void {
    this.#open = true;
    this.#length += piece.length;
    if (this.#length > this.#limit) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** The whole record, its last piece given, or undefined when it is larger than the limit; nothing is held after it. */
  take(last: Buffer): Buffer | undefined {
    const length = this.#length + last.length;
    const whole = length > this.#limit ? undefined : Buffer.concat([...this.#pieces, last], length);
    this.#pieces = [];
    this.#length = 0;
    this.#open = false;
    return whole;
  }
}
