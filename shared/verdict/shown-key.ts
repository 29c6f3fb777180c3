/** A key as a verdict shows it: values of columns that are classed public, keyed tokens of all others. */
import * as z from 'zod/mini';
import { decodeElement } from '../canonical/element.ts';
import { type Field, readField } from '../canonical/field.ts';
import { TAG } from '../canonical/tag.ts';
import { codecFor } from '../canonical/types.ts';
import { MASK_BYTES, type Masks } from '../equivalence/mask.ts';
import type { EquivalenceColumn } from '../equivalence/schema.ts';
import { keyText } from './key-text.ts';

export const ShownKeyPart = z.strictObject({
  column: z.string(),
  /** Only of a column that the contract classes public and does not mask. */
  value: z.optional(z.string()),
  /** Hex; equal values of one column have one token within a sweep, and other tokens in every other sweep. */
  token: z.optional(z.string()),
});
export type ShownKeyPart = z.infer<typeof ShownKeyPart>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** `columns` are the key's; `key` its canonical fields, one behind the other. */
export function showKey(key: Uint8Array, columns: readonly EquivalenceColumn[], masks: Masks): ShownKeyPart[] {
  let at = 0;
  return columns.map((column) => {
    const start = at;
    const field = readField(key, at);
    at = field.next;
    return showPart(column, field, key.subarray(start, at), masks);
  });
}

function showPart(
  { name, type, class: classed, mask }: EquivalenceColumn,
  field: Field,
  bytes: Uint8Array,
  masks: Masks,
): ShownKeyPart {
  if (field.tag === TAG.token) return { column: name, token: hex(field.payload) };
  if (classed === 'public' && mask === 'none') {
    const value = decodeElement(codecFor(type), field);
    const text = type.kind === 'uuid' && value instanceof Uint8Array ? uuidText(value) : keyText(value);
    return { column: name, value: text };
  }
  return { column: name, token: hex(readField(tokenOf(name, bytes, masks), 0).payload) };
}

function tokenOf(column: string, field: Uint8Array, masks: Masks): Uint8Array {
  const target = new Uint8Array(Math.max(field.length, MASK_BYTES));
  target.set(field);
  return target.subarray(0, masks.forColumn(column)(target, 0, field.length));
}

function uuidText(bytes: Uint8Array): string {
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
