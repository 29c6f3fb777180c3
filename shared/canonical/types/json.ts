import { compareBytes, concatenate } from '../bytes.ts';
import { type CanonicalType, codecOf } from '../codec.ts';
import { type Field, fieldBytes, notCanonical, readField } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { Decimal, JsonValue, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { BOOLEAN } from './boolean.ts';
import { decodeDecimal, encodeDecimal } from './decimal.ts';
import { fieldsOf } from './fields.ts';
import { parseJson } from './json-parse.ts';
import { decodeText, encodeText, readText } from './text.ts';

/**
 * A JSON value, in the canonical form of its parts: objects by the bytes of their names, numbers as decimals (1.0 is 1), texts without
 * their escapes. The JSON value null is a value, and not the NULL of the column.
 */
export const JSON_VALUE: CanonicalType<{ readonly json: JsonValue }> = {
  tag: TAG.json,
  read: readJson,
  encode: ({ json: value }) => encodeNode(value),
  decode: (payload) => {
    const field = readField(payload, 0);
    if (field.next !== payload.length) throw notCanonical('JSON with needless bytes');
    return { json: decodeNode(field) };
  },
};

export const json = codecOf(JSON_VALUE);

function readJson(spelling: NonNullable<Spelling>, notes: ColumnNotes): { readonly json: JsonValue } {
  if (typeof spelling === 'object' && 'json' in spelling) return spelling;
  return { json: parseJson(readText(spelling, notes), notes) };
}

function isDecimal(value: object): value is Decimal {
  return 'coefficient' in value || 'special' in value;
}

function isMap(value: object): value is ReadonlyMap<string, JsonValue> {
  return value instanceof Map;
}

/** A value as a field: what it is tells the tag. */
function encodeNode(value: JsonValue): Uint8Array {
  if (value === null) return fieldBytes(TAG.null, new Uint8Array(0));
  if (typeof value === 'boolean') return fieldBytes(TAG.boolean, BOOLEAN.encode(value));
  if (typeof value === 'string') return fieldBytes(TAG.text, encodeText(value));
  if (isMap(value)) return fieldBytes(TAG.map, encodeMembers(value));
  if (isDecimal(value)) return fieldBytes(TAG.decimal, encodeDecimal(value));
  return fieldBytes(TAG.array, concatenate(value.map(encodeNode)));
}

function encodeMembers(members: ReadonlyMap<string, JsonValue>): Uint8Array {
  const sorted = [...members]
    .map(([name, value]) => ({ name: encodeText(name), value }))
    .sort((left, right) => compareBytes(left.name, right.name));
  return concatenate(sorted.flatMap(({ name, value }) => [fieldBytes(TAG.text, name), encodeNode(value)]));
}

function decodeNode({ tag, payload }: Field): JsonValue {
  switch (tag) {
    case TAG.null:
      if (payload.length > 0) throw notCanonical('a JSON null with a payload');
      return null;
    case TAG.empty:
      return decodeEmpty(payload);
    case TAG.boolean:
      return BOOLEAN.decode(payload);
    case TAG.decimal:
      return decodeDecimal(payload);
    case TAG.text:
      return decodeText(payload);
    case TAG.array:
      return fieldsOf(payload).map(decodeNode);
    case TAG.map:
      return decodeMembers(fieldsOf(payload));
    default:
      throw notCanonical('a JSON value of no kind');
  }
}

function decodeEmpty(payload: Uint8Array): JsonValue {
  if (payload.length === 1 && payload[0] === TAG.text) return '';
  if (payload.length === 1 && payload[0] === TAG.array) return [];
  if (payload.length === 1 && payload[0] === TAG.map) return new Map();
  throw notCanonical('an empty JSON value of no kind');
}

function decodeMembers(fields: readonly Field[]): ReadonlyMap<string, JsonValue> {
  const members = new Map<string, JsonValue>();
  let before: Uint8Array | undefined;
  for (let index = 0; index < fields.length; index += 2) {
    const [name, value] = [fields[index], fields[index + 1]];
    if (name === undefined || value === undefined) throw notCanonical('a JSON name without a value');
    const text = name.tag === TAG.text ? name.payload : undefined;
    const bytes = text ?? (decodeNode(name) === '' ? name.payload.subarray(1) : undefined);
    if (bytes === undefined || (before !== undefined && compareBytes(before, bytes) >= 0)) {
      throw notCanonical('JSON names out of order');
    }
    members.set(decodeText(bytes), decodeNode(value));
    before = bytes;
  }
  return members;
}
