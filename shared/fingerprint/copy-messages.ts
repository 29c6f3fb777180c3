import { malformed } from '../canonical/postgres/copy-format.ts';

/** CopyData messages of PostgreSQL's protocol, where there is no kernel to take them; see assembly/messages.ts. */
const COPY_DATA = 0x64;
const HEADER_BYTES = 5;

export class CopyMessages {
  readonly #push: (piece: Uint8Array) => void;
  /** Of the message in hand: what of its header has come, and how much of its data has not. */
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #left = 0;

  constructor(push: (piece: Uint8Array) => void) {
    this.#push = push;
  }

  /** See `CopyFeed.pushMessages`. */
  take(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, at + this.#left);
        this.#push(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        continue;
      }
      if (this.#headerBytes === 0 && bytes[at] !== COPY_DATA) return at;
      this.#header[this.#headerBytes++] = bytes[at++] ?? 0;
      if (this.#headerBytes === HEADER_BYTES) {
        this.#left = dataBytes(this.#header);
        this.#headerBytes = 0;
      }
    }
    return at;
  }
}

function dataBytes(header: Uint8Array): number {
  const length = new DataView(header.buffer, header.byteOffset).getUint32(1);
  if (length < 4) throw malformed();
  return length - 4;
}
