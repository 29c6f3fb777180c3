/**
 * Finds where a JSON value ends and counts what JSON.parse does not tell: members (it keeps the last of two that bear
 * one name), nesting, and numbers that a double may have rounded. It resumes where the block ended. It does not judge
 * syntax: what it delimits is parsed by JSON.parse afterwards.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const POINT = 0x2e;
const UPPER_E = 0x45;
const LOWER_E = 0x65;

export class JsonScan {
  /** Members of the value itself, not of what nests in it. */
  members = 0;
  deepest = 0;
  /** Whether a number has a point or an exponent. */
  inexact = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #previous = 0;

  reset(): void {
    this.members = 0;
    this.deepest = 0;
    this.inexact = false;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#previous = 0;
  }

  /** Scans an object, an array or a string from `from` on. Returns the index after its end, or -1 when it goes on past `to`. */
  scan(bytes: Uint8Array, from: number, to: number): number {
    let index = from;
    let depth = this.#depth;
    let inString = this.#inString;
    let end = -1;

    if (this.#escaped && index < to) {
      index += 1;
      this.#escaped = false;
    }
    while (index < to) {
      if (inString) {
        // An index past the end is never read: the engine gives up its fast path for good after the first.
        while (index < to && bytes[index] !== QUOTE && bytes[index] !== BACKSLASH) index += 1;
        if (index >= to) break;
        if (bytes[index] === BACKSLASH) {
          index += 2;
          // The escaped character lies in the next block.
          this.#escaped = index > to;
          continue;
        }
        index += 1;
        inString = false;
        this.#previous = QUOTE;
        if (depth > 0) continue;
        end = index;
        break;
      }
      const byte = bytes[index] ?? 0;
      index += 1;
      switch (byte) {
        case QUOTE:
          inString = true;
          break;
        case COLON:
          if (depth === 1) this.members += 1;
          break;
        case OPEN_OBJECT:
        case OPEN_ARRAY:
          depth += 1;
          if (depth > this.deepest) this.deepest = depth;
          break;
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          depth -= 1;
          if (depth <= 0) end = index;
          break;
        case POINT:
        case UPPER_E:
          this.inexact = true;
          break;
        case LOWER_E:
          // `e` ends `true` and `false` as well: only after a digit is it an exponent.
          if (this.#previous >= 0x30 && this.#previous <= 0x39) this.inexact = true;
          break;
      }
      if (end >= 0) break;
      this.#previous = byte;
    }
    this.#depth = depth;
    this.#inString = inString;
    return end;
  }
}
