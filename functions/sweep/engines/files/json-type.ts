/** How a JSON value's own bytes become a canonical field. */
import { isUtf8 } from 'node:buffer';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { type EngineType, writerOf } from '../../../../shared/canonical/engine-type.ts';
import type { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../../shared/canonical/spelling.ts';
import { decimalOf } from '../../../../shared/canonical/types/decimal.ts';
import { codecFor } from '../../../../shared/canonical/types.ts';
import { type FieldWriter, referenceWriter } from '../../../../shared/canonical/writer.ts';
import { malformed, visitItems, visitMembers } from './json-scan.ts';
import { textCell } from './text-type.ts';

/** What JSON calls its types, without null: the native types of a document's members. */
export type JsonType = 'boolean' | 'number' | 'string' | 'array' | 'object';

/** The canonical types under which a value of each means something. */
const KINDS: Readonly<Record<JsonType, readonly ColumnType['kind'][]>> = {
  boolean: ['boolean', 'json'],
  number: ['integer', 'decimal', 'float32', 'float64', 'boolean', 'instant', 'json'],
  string: [...textCell.kinds, 'json'],
  array: ['array', 'set', 'json'],
  object: ['map', 'json'],
};

const BACKSLASH = 0x5c;

/** The type of the value that begins with this byte; undefined for null. */
export function jsonTypeAt(byte: number | undefined): JsonType | undefined {
  switch (byte) {
    case 0x22:
      return 'string';
    case 0x5b:
      return 'array';
    case 0x7b:
      return 'object';
    case 0x74:
    case 0x66:
      return 'boolean';
    case 0x6e:
      return undefined;
    default:
      return 'number';
  }
}

/**
 * The writer of a member whose values the contract says to be of one JSON type (undefined: of any that the canonical type can come from).
 * A value of another type is refused: that 1 and "1" are the same is for the contract to say.
 */
export function jsonWriter(native: string | undefined, declared: ColumnType, notes: ColumnNotes): FieldWriter {
  const writers = {
    string: stringWriter(declared, notes),
    other: referenceWriter(codecFor(declared), notes, (source, start, end) =>
      spellValue(source, start, end, declared, notes),
    ),
  };
  return (source, start, end, target, at) => {
    const type = jsonTypeAt(source[start]) ?? notes.refuse('field-type', 'not null');
    if (native !== undefined && type !== native) notes.refuse('field-type', `${native}, as the contract says`);
    if (!KINDS[type].includes(declared.kind)) notes.refuse('field-type', `${declared.kind} from a JSON ${type}`);
    const isText = type === 'string' && (declared.kind !== 'json' || native === 'string');
    return (isText ? writers.string : writers.other)(source, start, end, target, at);
  };
}

/** Strings without an escape are written as the bytes that they are. */
function stringWriter(declared: ColumnType, notes: ColumnNotes): FieldWriter {
  if (!textCell.kinds.includes(declared.kind)) return () => notes.refuse('field-type', declared.kind);
  const write = writerOf(declaredTextCell(declared), 'a JSON string', declared, notes);
  return (source, start, end, target, at) => {
    if (!hasEscape(source, start, end)) return write(source, start + 1, end - 1, target, at);
    const text = new TextEncoder().encode(unescaped(source, start, end, notes));
    return write(text, 0, text.length, target, at);
  };
}

/** Bytes without a declared spelling are refused when a string is met, not where a column may also have other values. */
function declaredTextCell(declared: ColumnType): EngineType {
  const { accepts, ...cell } = textCell;
  return accepts?.(declared) === false
    ? { ...cell, spell: (_s, _a, _e, notes) => notes.refuse('field-type', 'bytes') }
    : textCell;
}

function hasEscape(source: Uint8Array, start: number, end: number): boolean {
  if (end - start > 64) return source.subarray(start, end).includes(BACKSLASH);
  for (let at = start; at < end; at++) if (source[at] === BACKSLASH) return true;
  return false;
}

/** The text of a string literal, quotes included. */
export function unescaped(source: Uint8Array, start: number, end: number, notes: ColumnNotes): string {
  const literal = textOf(source, start, end);
  try {
    const value: unknown = JSON.parse(literal);
    if (typeof value === 'string' && value.isWellFormed()) return value;
  } catch {
    // Refused below, without the message, which quotes the text.
  }
  return notes.refuse('field-characters', 'no lone surrogate and no unknown escape');
}

function textOf(source: Uint8Array, start: number, end: number): string {
  const bytes = Buffer.from(source.buffer, source.byteOffset + start, end - start);
  if (!isUtf8(bytes)) throw malformed();
  return bytes.toString('utf8');
}

function spellValue(
  source: Uint8Array,
  start: number,
  end: number,
  declared: ColumnType,
  notes: ColumnNotes,
): Spelling {
  // The codec of JSON reads texts.
  if (declared.kind === 'json') return source.subarray(start, end);
  const type = jsonTypeAt(source[start]);
  if (type === undefined) return null;
  if (!KINDS[type].includes(declared.kind)) notes.refuse('field-type', `${declared.kind} from a JSON ${type}`);
  switch (type) {
    case 'string':
      return unescaped(source, start, end, notes);
    case 'boolean':
      return source[start] === 0x74;
    case 'number':
      return spellNumber(textOf(source, start, end), declared, notes);
    case 'array':
    case 'object':
      return 'element' in declared
        ? spellElements(source, start, end, declared.element, type, notes)
        : notes.refuse('field-type', declared.kind);
  }
}

/** A float keeps the sign of its zero only in the text. */
function spellNumber(text: string, { kind }: ColumnType, notes: ColumnNotes): Spelling {
  if (kind === 'float32' || kind === 'float64') return text;
  if (kind === 'boolean') return text === '1' ? true : text === '0' ? false : notes.refuse('field-format', 'boolean');
  return decimalOf(text) ?? notes.refuse('field-range', 'number');
}

function spellElements(
  source: Uint8Array,
  start: number,
  end: number,
  element: ColumnType,
  type: 'array' | 'object',
  notes: ColumnNotes,
): Spelling {
  const spell = (from: number, to: number): Spelling =>
    element.kind === 'json' && jsonTypeAt(source[from]) === undefined
      ? { json: null }
      : spellValue(source, from, to, element, notes);
  if (type === 'array') {
    const list: Spelling[] = [];
    visitItems(source, start, end, (from, to) => list.push(spell(from, to)));
    return list;
  }
  const map = new Map<string, Spelling>();
  visitMembers(source, start, end, (nameStart, nameEnd, from, to) => {
    const name = unescaped(source, nameStart - 1, nameEnd + 1, notes);
    if (map.has(name)) notes.refuse('field-format', 'a name once');
    map.set(name, spell(from, to));
  });
  return map;
}
