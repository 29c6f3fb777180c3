/** Lines and byte counts out of a stream, holding no more than one piece of it and one line. */
import { refuse } from '../errors.ts';

export class ByteReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  private async pull(): Promise<boolean> {
    const next = await this.source.next();
    if (next.done) return false;
    const piece = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.buffer = this.buffer.length === 0 ? piece : Buffer.concat([this.buffer, piece]);
    return true;
  }

  /** Whether everything has been read. */
  async ended(): Promise<boolean> {
    while (this.buffer.length === 0) {
      if (!(await this.pull())) return true;
    }
    return false;
  }

  /** The next line without its CRLF. Throws `IncompleteBody` when there is none, or none within `limit` bytes. */
  async line(limit: number): Promise<string> {
    for (;;) {
      const end = this.buffer.indexOf('\r\n');
      if (end >= 0 && end <= limit) {
        const text = this.buffer.toString('latin1', 0, end);
        this.buffer = this.buffer.subarray(end + 2);
        return text;
      }
      if (this.buffer.length > limit || !(await this.pull())) throw refuse.incomplete();
    }
  }

  /** Between 1 and `count` bytes, as they come. Throws `IncompleteBody` at the end. */
  async atMost(count: number): Promise<Buffer> {
    if (await this.ended()) throw refuse.incomplete();
    const piece = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(piece.length);
    return piece;
  }
}
