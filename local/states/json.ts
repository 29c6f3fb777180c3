/** What travels between states. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Largest input, result, output or set of assignments, in bytes of UTF-8 JSON (Step Functions service quotas). */
export const MAXIMUM_PAYLOAD_BYTES = 262_144;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Array.isArray does not narrow a readonly array out of a union. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Bytes that the value takes in a state. */
export function payloadBytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Throws SyntaxError. The text comes from outside: an execution's input, a function's answer, an object. */
export function parseJson(text: string): Json {
  return JSON.parse(text);
}
