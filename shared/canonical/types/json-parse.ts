import type { ColumnNotes } from '../notes.ts';
import type { JsonValue } from '../spelling.ts';
import { decimalOf } from './decimal.ts';

/** RFC 8259, section 9, lets a parser limit the depth. */
const MAXIMUM_DEPTH = 256;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * A JSON text (RFC 8259) as its value: numbers exact and never doubles, members in no order. A name that stands twice in an object has no
 * meaning that two engines share (section 4): it is refused, as is a lone surrogate.
 */
export function parseJson(text: string, notes: ColumnNotes): JsonValue {
  const parser = new Parser(text, notes);
  const value = parser.value(0);
  if (!parser.atEnd()) notes.refuse('field-format', 'JSON');
  return value;
}

class Parser {
  readonly #text: string;
  readonly #notes: ColumnNotes;
  #at = 0;

  constructor(text: string, notes: ColumnNotes) {
    this.#text = text;
    this.#notes = notes;
  }

  atEnd(): boolean {
    this.#match(SPACE);
    return this.#at === this.#text.length;
  }

  value(depth: number): JsonValue {
    if (depth > MAXIMUM_DEPTH) this.#notes.refuse('field-format', `JSON no deeper than ${MAXIMUM_DEPTH}`);
    this.#match(SPACE);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      default:
        return this.#literal();
    }
  }

  #object(depth: number): ReadonlyMap<string, JsonValue> {
    const members = new Map<string, JsonValue>();
    this.#list('}', () => {
      this.#match(SPACE);
      const name = this.#string();
      if (members.has(name)) this.#notes.refuse('field-format', 'JSON without a name that stands twice');
      this.#match(SPACE);
      if (this.#text[this.#at++] !== ':') this.#malformed();
      members.set(name, this.value(depth + 1));
    });
    return members;
  }

  #array(depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    this.#list(']', () => items.push(this.value(depth + 1)));
    return items;
  }

  /** What stands between brackets: nothing, or parts with commas between. */
  #list(close: string, part: () => void): void {
    this.#at += 1;
    this.#match(SPACE);
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      part();
      this.#match(SPACE);
      const next = this.#text[this.#at++];
      if (next === close) return;
      if (next !== ',') this.#malformed();
    }
  }

  #string(): string {
    const from = this.#at;
    if (this.#text[from] !== '"') this.#malformed();
    let end = from + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    this.#at = end + 1;
    const value = literalOf(this.#text.slice(from, this.#at)) ?? this.#malformed();
    if (!value.isWellFormed()) this.#notes.refuse('field-characters', 'no lone surrogate');
    return value;
  }

  #literal(): JsonValue {
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const [number = ''] = this.#match(NUMBER) ?? this.#malformed();
    return decimalOf(number) ?? this.#notes.refuse('field-range', 'JSON number');
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #malformed(): never {
    return this.#notes.refuse('field-format', 'JSON');
  }
}

/** What a string literal says; undefined when it is none. A literal is all that it is given, so that doubles play no part. */
function literalOf(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
