/**
 * The frame of a field: tag, length, payload. The length is an unsigned LEB128 number in as few bytes as it takes, so that a value has
 * one encoding, and a row, the sequence of its fields, can be cut in one way only: ('a|b', 'c') and ('a', 'b|c') have different bytes.
 */
import { Problem } from '../problem.ts';
import { TAG, type Tag } from './tag.ts';

/** Payloads are shorter than 2²⁸ bytes: lengths take four bytes at most. */
export const MAXIMUM_PAYLOAD_BYTES = 2 ** 28 - 1;

/** Bytes of the length of a payload of `length` bytes. */
export function lengthBytes(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;
}

/** Writes tag and length at `at`; returns where the payload begins. */
export function writeHead(target: Uint8Array, at: number, tag: Tag, length: number): number {
  let next = at;
  target[next++] = tag;
  let rest = length;
  while (rest >= 0x80) {
    target[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[next++] = rest;
  return next;
}

/** A whole field; an empty payload becomes the empty value of its type. */
export function fieldBytes(tag: Tag, payload: Uint8Array): Uint8Array {
  if (payload.length > MAXIMUM_PAYLOAD_BYTES) {
    throw new Problem('record-too-large', { detail: 'A value exceeds 256 MiB.' });
  }
  if (payload.length === 0 && tag !== TAG.absent && tag !== TAG.null) return Uint8Array.of(TAG.empty, 1, tag);
  const bytes = new Uint8Array(1 + lengthBytes(payload.length) + payload.length);
  bytes.set(payload, writeHead(bytes, 0, tag, payload.length));
  return bytes;
}

export interface Field {
  readonly tag: number;
  readonly payload: Uint8Array;
  /** Where the next field begins. */
  readonly next: number;
}

/** The field at `at`. Refuses what `fieldBytes` never gives: a truncated field, or a length with a needless byte. */
export function readField(bytes: Uint8Array, at: number): Field {
  const tag = bytes[at];
  let length = 0;
  let next = at + 1;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[next++];
    if (tag === undefined || byte === undefined || shift > 21) throw notCanonical('a truncated or overlong length');
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const payload = bytes.subarray(next, next + length);
  if (next - at - 1 !== lengthBytes(length) || payload.length !== length) {
    throw notCanonical('a truncated or overlong length');
  }
  return { tag, payload, next: next + length };
}

/** `what` names the mistake; never a value. */
export function notCanonical(what: string): Problem {
  return new Problem('evidence-invalid', { detail: `The bytes are not canonical: ${what}.` });
}
