/**
 * Finds where a record's element ends, from its `<` on; it resumes where the block ended. It knows tags, comments and
 * CDATA sections only as far as that takes; whether they are well-formed is for the parser to say, which then gets the
 * record whole. Document types and processing instructions are refused here, before the parser sees them.
 */
import { Problem } from '../../problem.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const HYPHEN = 0x2d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

const TEXT = 0;
const OPENED = 1;
const START_TAG = 2;
const QUOTED = 3;
const END_TAG = 4;
const DECLARED = 5;
const COMMENT_OPENED = 6;
const COMMENT = 7;
const CDATA = 8;

/** Bytes that mean something inside a tag. */
const TAG_BYTE = new Uint8Array(256);
for (const byte of [GREATER, DOUBLE_QUOTE, SINGLE_QUOTE]) TAG_BYTE[byte] = 1;

export class XmlScan {
  /** Depth of the deepest element; the record itself is 1 deep. */
  deepest = 0;
  #state = TEXT;
  #depth = 0;
  #quote = 0;
  /** The last two bytes inside markup. */
  #last = 0;
  #beforeLast = 0;

  reset(): void {
    this.deepest = 0;
    this.#state = TEXT;
    this.#depth = 0;
  }

  /** Returns the index after the `>` that ends the record, or -1 when it goes on past the block. */
  scan(block: Uint8Array, from: number, at: number): number {
    const to = block.length;
    let state = this.#state;
    let index = from;
    while (index < to) {
      if (state === TEXT) {
        while (index < to && block[index] !== LESS) index += 1;
        if (index >= to) break;
        index += 1;
        state = OPENED;
        this.#last = 0;
        continue;
      }
      if (state === START_TAG || state === END_TAG) {
        // Names are passed over in one go; what comes before a `>` is looked at where it may matter.
        const first = index;
        while (index < to && TAG_BYTE[block[index] ?? 0] === 0) index += 1;
        if (index > first) this.#last = block[index - 1] ?? 0;
        if (index >= to) break;
      }
      const byte = block[index] ?? 0;
      index += 1;
      switch (state) {
        case OPENED:
          if (byte === QUESTION) throw forbidden(at + index - 1);
          if (byte === SLASH) state = END_TAG;
          else if (byte === BANG) state = DECLARED;
          else if (byte === GREATER) throw malformed(at + index - 1);
          else {
            state = START_TAG;
            this.#depth += 1;
            if (this.#depth > this.deepest) this.deepest = this.#depth;
          }
          break;
        case START_TAG:
          if (byte === GREATER) {
            state = TEXT;
            if (this.#last === SLASH) this.#depth -= 1;
          } else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
            this.#quote = byte;
            state = QUOTED;
          }
          break;
        case QUOTED:
          if (byte === this.#quote) state = START_TAG;
          break;
        case END_TAG:
          if (byte === GREATER) {
            state = TEXT;
            this.#depth -= 1;
          }
          break;
        case DECLARED:
          if (byte === HYPHEN) state = COMMENT_OPENED;
          else if (byte === OPEN_BRACKET) state = CDATA;
          else if (isLetter(byte)) throw forbidden(at + index - 1);
          else throw malformed(at + index - 1);
          break;
        case COMMENT_OPENED:
          if (byte !== HYPHEN) throw malformed(at + index - 1);
          state = COMMENT;
          // The hyphens that open a comment do not close it.
          this.#last = 0;
          this.#beforeLast = 0;
          continue;
        case COMMENT:
          if (byte === GREATER && this.#last === HYPHEN && this.#beforeLast === HYPHEN) state = TEXT;
          break;
        case CDATA:
          if (byte === GREATER && this.#last === CLOSE_BRACKET && this.#beforeLast === CLOSE_BRACKET) state = TEXT;
          break;
      }
      this.#beforeLast = this.#last;
      this.#last = byte;
      if (state === TEXT && this.#depth <= 0) {
        this.#state = TEXT;
        return index;
      }
    }
    this.#state = state;
    return -1;
  }
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

const malformed = (at: number): Problem =>
  new Problem('payload-malformed', { detail: `At byte ${at}: expected a tag, a comment or a CDATA section.` });

const forbidden = (at: number): Problem => new Problem('payload-forbidden', { detail: `At byte ${at}.` });
