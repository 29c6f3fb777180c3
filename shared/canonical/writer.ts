/**
 * Writers take a value as an engine sent it, and put its field into the caller's memory, without making the value. They give the same bytes
 * as the reference encoding (row.ts), which they fall back to for whatever is rare.
 */
import type { Codec } from './codec.ts';
import { encodeElement } from './element.ts';
import { writeHead } from './field.ts';
import type { ColumnNotes } from './notes.ts';
import type { Spelling } from './spelling.ts';
import { TAG } from './tag.ts';

/**
 * Writes the field of the value at `start` to `end` of `source`; returns where it ends in `target`. The caller has made room: a field takes
 * at most `fieldBound(end - start)` bytes.
 */
export type FieldWriter = (source: Uint8Array, start: number, end: number, target: Uint8Array, at: number) => number;

/** What the bytes of an engine say. */
export type Spell = (source: Uint8Array, start: number, end: number, notes: ColumnNotes) => Spelling;

/**
 * The most that a field can take whose value an engine sent in so many bytes. JSON grows most: `[[1,` …, where every level and every
 * number has a head of its own; what is declared to be trimmed, rounded or normalized grows less.
 */
export function fieldBound(sourceBytes: number): number {
  return 8 * sourceBytes + 24;
}

/** The reference encoding as a writer. */
export function referenceWriter(codec: Codec, notes: ColumnNotes, spell: Spell): FieldWriter {
  return (source, start, end, target, at) => {
    const field = encodeElement(codec, spell(source, start, end, notes), notes);
    // Only a numeric with a huge exponent, as an integer, outgrows what was reserved for it.
    if (field.length > fieldBound(end - start)) notes.refuse('field-range', 'not out of proportion');
    target.set(field, at);
    return at + field.length;
  };
}

export function writeNull(target: Uint8Array, at: number): number {
  return writeHead(target, at, TAG.null, 0);
}

/** Writes a signed 64-bit number, its upper 32 bits (signed) and its lower ones, as an integer field. */
export function writeInteger(target: Uint8Array, at: number, high: number, low: number): number {
  const end = writeTwosComplement(target, at + 2, high, low);
  target[at] = TAG.integer;
  target[at + 1] = end - at - 2;
  return end;
}

/** Big-endian two's complement in as few bytes as it takes. */
export function writeTwosComplement(target: Uint8Array, at: number, high: number, low: number): number {
  let next = at;
  // The upper half says something only when it is not the sign of the lower.
  if (high !== low >> 31) {
    for (let shift = 8 * (bytesOf(high) - 1); shift >= 0; shift -= 8) target[next++] = high >> shift;
    target[next++] = low >> 24;
    target[next++] = low >> 16;
    target[next++] = low >> 8;
    target[next++] = low;
    return next;
  }
  for (let shift = 8 * (bytesOf(low) - 1); shift >= 0; shift -= 8) target[next++] = low >> shift;
  return next;
}

/** Bytes that a signed 32-bit number takes. */
function bytesOf(word: number): number {
  if (word === (word << 24) >> 24) return 1;
  if (word === (word << 16) >> 16) return 2;
  return word === (word << 8) >> 8 ? 3 : 4;
}

/** Copies bytes; in a loop when they are few, because a call costs more than some thirty of them. */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  if (end - start > 48) {
    target.set(source.subarray(start, end), at);
    return at + end - start;
  }
  let next = at;
  for (let from = start; from < end; from++) target[next++] = source[from] ?? 0;
  return next;
}
