/**
 * HMAC-SHA-256 (RFC 2104) over a sequence of texts, fast for short ones: tokenising runs it twice or more per record.
 *
 * The two padded keys are laid out once and each message is hashed by two one-shot calls, because creating an Hmac object
 * costs more than hashing a hundred bytes (measured on Node 24: about 0.1 to 0.7 million a second against 1).
 */
import { hash } from 'node:crypto';
import { zeroise } from '../envelope/cipher.ts';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;
const INITIAL_BYTES = 4096;

/** One key's HMAC. Holds the key and the last message in memory until `dispose`. */
export class SequenceHmac {
  /** Inner padded key, then room for the message. */
  #inner: Buffer;
  /** Outer padded key, then the inner digest. */
  readonly #outer: Buffer;

  /** `key`: 32 bytes, which are copied. */
  constructor(key: Uint8Array) {
    if (key.length !== DIGEST_BYTES) throw new RangeError('The key has 32 bytes.');
    this.#inner = Buffer.alloc(INITIAL_BYTES);
    this.#outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
    for (let index = 0; index < BLOCK_BYTES; index++) {
      const byte = key[index] ?? 0;
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /**
   * The MAC in base64url (43 characters) of the texts as a sequence. Each is preceded by its length in bytes, so that
   * ('a|b','c') and ('a','b|c') differ, as do ('ab','') and ('a','b'). Throws RangeError on a lone surrogate, which
   * UTF-8 cannot hold: two different texts would have the same bytes.
   */
  ofTexts(...texts: readonly string[]): string {
    let end = BLOCK_BYTES;
    for (const text of texts) {
      if (!text.isWellFormed()) throw new RangeError('A text with a lone surrogate has no bytes.');
      this.#reserve(end + LENGTH_BYTES + text.length * 3);
      const length = this.#inner.write(text, end + LENGTH_BYTES, 'utf8');
      this.#inner.writeUInt32BE(length, end);
      end += LENGTH_BYTES + length;
    }
    return this.#digest(end);
  }

  /** The MAC in base64url of bytes, set apart from every sequence of texts by a length that no text has. */
  ofBytes(bytes: Uint8Array): string {
    const start = BLOCK_BYTES + LENGTH_BYTES;
    this.#reserve(start + bytes.length);
    this.#inner.writeUInt32BE(0xffff_ffff, BLOCK_BYTES);
    this.#inner.set(bytes, start);
    return this.#digest(start + bytes.length);
  }

  /** Wipes the key and the last message (requirement B14). */
  dispose(): void {
    zeroise(this.#inner, this.#outer);
  }

  #digest(end: number): string {
    this.#outer.write(hash('sha256', this.#inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'base64url');
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#inner.length) return;
    const larger = Buffer.alloc(bytes * 2);
    this.#inner.copy(larger);
    zeroise(this.#inner);
    this.#inner = larger;
  }
}
