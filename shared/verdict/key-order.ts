/** The order of keys, by their values, for lists and for the buckets of the heat map. */
import { compareBytes } from '../canonical/bytes.ts';
import { decodeElement } from '../canonical/element.ts';
import { readField } from '../canonical/field.ts';
import type { CanonicalValue } from '../canonical/spelling.ts';
import { TAG } from '../canonical/tag.ts';
import { codecFor } from '../canonical/types.ts';
import { compareValues } from '../equivalence/order.ts';
import type { EquivalenceColumn } from '../equivalence/schema.ts';

export type KeyOrder = (left: Uint8Array, right: Uint8Array) => number;

interface KeyPart {
  readonly bytes: Uint8Array;
  /** Undefined for what goes by its bytes: tokens, and what is missing. */
  readonly value: NonNullable<CanonicalValue> | undefined;
}

/**
 * Keys are canonical fields, one behind the other; tokens, and what has no order of its own, go by their bytes. A key is decoded once, however
 * often it is compared, and remembered as long as it is in use: its bytes must not change.
 */
export function keyOrder(columns: readonly EquivalenceColumn[]): KeyOrder {
  const codecs = columns.map(({ type }) => ({ type, codec: codecFor(type) }));
  const known = new WeakMap<Uint8Array, readonly KeyPart[]>();
  const partsOf = (key: Uint8Array): readonly KeyPart[] => {
    const before = known.get(key);
    if (before !== undefined) return before;
    let at = 0;
    const parts = codecs.map(({ codec }): KeyPart => {
      const field = readField(key, at);
      const bytes = key.subarray(at, field.next);
      at = field.next;
      return { bytes, value: field.tag === TAG.token ? undefined : (decodeElement(codec, field) ?? undefined) };
    });
    known.set(key, parts);
    return parts;
  };
  return (left, right) => {
    const [parts, others] = [partsOf(left), partsOf(right)];
    for (const [index, { type }] of codecs.entries()) {
      const [one, other] = [parts[index], others[index]];
      if (one === undefined || other === undefined) return 0;
      const bytes = compareBytes(one.bytes, other.bytes);
      if (bytes === 0) continue;
      if (one.value === undefined || other.value === undefined) return bytes;
      return compareValues(type, one.value, other.value) || bytes;
    }
    return 0;
  };
}
