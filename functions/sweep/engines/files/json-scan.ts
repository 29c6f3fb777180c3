/**
 * Finds where the parts of JSON texts (RFC 8259) lie, without making values of them: a number keeps its digits and its sign, and what no
 * column wants costs nothing. Texts are well-formed or refused; of strings only the boundaries are looked at here.
 */
import { Problem } from '../../../../shared/problem.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** RFC 8259, section 9, lets a parser limit the depth. */
const MAXIMUM_DEPTH = 256;
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
/** Longer than any number that has a meaning. */
const MAXIMUM_LITERAL = 4096;

const SPACE = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) SPACE[byte] = 1;
const ENDS_LITERAL = Uint8Array.from(SPACE);
for (const byte of [COMMA, CLOSE_ARRAY, CLOSE_OBJECT]) ENDS_LITERAL[byte] = 1;

/** Told of one part: of a member's name, the bytes between its quotes; of a value, all of its bytes. */
export type VisitMember = (nameStart: number, nameEnd: number, start: number, end: number) => void;
export type VisitItem = (start: number, end: number) => void;

/** The first byte from `at` on that is not white space, or `end`. */
export function skipSpace(source: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && SPACE[source[next] ?? 0] === 1) next += 1;
  return next;
}

/** Visits the members of the object that is the text from `at` to `end`, white space around it included. */
export function visitMembers(source: Uint8Array, at: number, end: number, visit: VisitMember): void {
  const closed = members(source, skipSpace(source, at, end), end, 0, visit);
  if (skipSpace(source, closed, end) !== end) throw malformed();
}

/** Visits the items of the array that is the text from `at` to `end`. */
export function visitItems(source: Uint8Array, at: number, end: number, visit: VisitItem): void {
  if (items(source, at, end, 0, visit) !== end) throw malformed();
}

/** The end of the value that begins at `at`. */
export function endOfValue(source: Uint8Array, at: number, end: number, depth = 0): number {
  if (depth > MAXIMUM_DEPTH) throw malformed();
  switch (source[at]) {
    case QUOTE:
      return endOfString(source, at, end);
    case OPEN_OBJECT:
      return members(source, at, end, depth);
    case OPEN_ARRAY:
      return items(source, at, end, depth);
    default:
      return endOfLiteral(source, at, end);
  }
}

function members(source: Uint8Array, at: number, end: number, depth: number, visit?: VisitMember): number {
  if (source[at] !== OPEN_OBJECT || at >= end) throw malformed();
  let next = skipSpace(source, at + 1, end);
  if (source[next] === CLOSE_OBJECT && next < end) return next + 1;
  for (;;) {
    if (source[next] !== QUOTE) throw malformed();
    const nameEnd = endOfString(source, next, end);
    const colon = skipSpace(source, nameEnd, end);
    if (source[colon] !== COLON || colon >= end) throw malformed();
    const start = skipSpace(source, colon + 1, end);
    const valueEnd = endOfValue(source, start, end, depth + 1);
    visit?.(next + 1, nameEnd - 1, start, valueEnd);
    next = skipSpace(source, valueEnd, end);
    if (next >= end) throw malformed();
    if (source[next] === CLOSE_OBJECT) return next + 1;
    if (source[next] !== COMMA) throw malformed();
    next = skipSpace(source, next + 1, end);
  }
}

function items(source: Uint8Array, at: number, end: number, depth: number, visit?: VisitItem): number {
  if (source[at] !== OPEN_ARRAY || at >= end) throw malformed();
  let next = skipSpace(source, at + 1, end);
  if (source[next] === CLOSE_ARRAY && next < end) return next + 1;
  for (;;) {
    const valueEnd = endOfValue(source, next, end, depth + 1);
    visit?.(next, valueEnd);
    next = skipSpace(source, valueEnd, end);
    if (next >= end) throw malformed();
    if (source[next] === CLOSE_ARRAY) return next + 1;
    if (source[next] !== COMMA) throw malformed();
    next = skipSpace(source, next + 1, end);
  }
}

function endOfString(source: Uint8Array, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) {
    const byte = source[next] ?? 0;
    if (byte === QUOTE) return next + 1;
    if (byte === BACKSLASH) next += 1;
    // Section 7: control characters must be escaped.
    else if (byte < 0x20) throw malformed();
  }
  throw malformed();
}

function endOfLiteral(source: Uint8Array, at: number, end: number): number {
  let next = at;
  while (next < end && ENDS_LITERAL[source[next] ?? 0] === 0) next += 1;
  if (next - at > MAXIMUM_LITERAL) throw malformed();
  const text = Buffer.from(source.buffer, source.byteOffset + at, next - at).toString('latin1');
  if (!LITERAL.test(text)) throw malformed();
  return next;
}

export function malformed(): Problem {
  return new Problem('payload-malformed', { detail: 'A document is not well-formed JSON.' });
}
