import { Problem } from '../../../../shared/problem.ts';
import { malformed, skipSpace } from './json-scan.ts';

const MAXIMUM_ITEM_BYTES = 256 * 1024 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Before the array, before its first item, inside an item, after one, after a comma, and after the array. */
const PHASE = { before: 0, first: 1, item: 2, after: 3, next: 4, done: 5 } as const;
type Phase = (typeof PHASE)[keyof typeof PHASE];

/** Cuts a JSON array of objects, which comes in blocks, into its items; each is looked at no further than for its end. */
export class JsonItems {
  /** What is being cut; the items that the last block completed lie in it from `starts` to `ends`. */
  text: Uint8Array = new Uint8Array(0);
  starts: number[] = [];
  ends: number[] = [];
  #phase: Phase = PHASE.before;
  /** Where the present item begins, and how far it has been looked at. */
  #start = 0;
  #at = 0;
  #depth = 0;
  #inString = false;

  get complete(): boolean {
    return this.#phase === PHASE.done;
  }

  feed(block: Uint8Array): void {
    const from = this.#phase === PHASE.item ? this.#start : this.#at;
    const kept = this.text.subarray(from);
    if (kept.length > MAXIMUM_ITEM_BYTES) {
      throw new Problem('record-too-large', { detail: 'An item of a file has no end.' });
    }
    this.text = kept.length === 0 ? block : Buffer.concat([kept, block]);
    this.#at -= from;
    this.#start = 0;
    this.starts = [];
    this.ends = [];
    while (this.#at < this.text.length) {
      if (this.#phase === PHASE.item) this.#inside();
      else this.#between();
    }
  }

  #between(): void {
    if (this.#phase === PHASE.before && this.#mark()) return;
    this.#at = skipSpace(this.text, this.#at, this.text.length);
    if (this.#at === this.text.length) return;
    const byte = this.text[this.#at];
    if (this.#phase === PHASE.before && byte === OPEN_ARRAY) this.#phase = PHASE.first;
    else if (byte === CLOSE_ARRAY && (this.#phase === PHASE.first || this.#phase === PHASE.after)) {
      this.#phase = PHASE.done;
    } else if (byte === COMMA && this.#phase === PHASE.after) this.#phase = PHASE.next;
    else if (byte === OPEN_OBJECT && (this.#phase === PHASE.first || this.#phase === PHASE.next)) {
      this.#phase = PHASE.item;
      this.#start = this.#at;
      return;
    } else throw malformed();
    this.#at += 1;
  }

  /** RFC 8259, section 8.1, lets a reader ignore a byte order mark. */
  #mark(): boolean {
    if (!BYTE_ORDER_MARK.every((byte, index) => this.text[this.#at + index] === byte)) return false;
    this.#at += BYTE_ORDER_MARK.length;
    return true;
  }

  /** Goes on inside an item, to its end or to the end of the block. */
  #inside(): void {
    while (this.#at < this.text.length) {
      const byte = this.text[this.#at++];
      if (this.#inString) {
        if (byte === QUOTE) this.#inString = false;
        // An escaped character may be in the next block: the position then lies behind this one.
        else if (byte === BACKSLASH) this.#at += 1;
        continue;
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth += 1;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --this.#depth === 0) {
        this.starts.push(this.#start);
        this.ends.push(this.#at);
        this.#phase = PHASE.after;
        return;
      }
    }
  }
}
