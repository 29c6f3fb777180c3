/** The order of keys, by their values, for lists and for the buckets of the heat map. */
import { compareBytes } from '../canonical/bytes.ts';
import { decodeElement } from '../canonical/element.ts';
import { readField } from '../canonical/field.ts';
import { TAG } from '../canonical/tag.ts';
import { codecFor } from '../canonical/types.ts';
import { compareValues } from '../equivalence/order.ts';
import type { EquivalenceColumn } from '../equivalence/schema.ts';

export type KeyOrder = (left: Uint8Array, right: Uint8Array) => number;

/** Keys are canonical fields, one behind the other; tokens, and what has no order of its own, go by their bytes. */
export function keyOrder(columns: readonly EquivalenceColumn[]): KeyOrder {
  const codecs = columns.map(({ type }) => ({ type, codec: codecFor(type) }));
  return (left, right) => {
    let [leftAt, rightAt] = [0, 0];
    for (const { type, codec } of codecs) {
      const [one, other] = [readField(left, leftAt), readField(right, rightAt)];
      const bytes = compareBytes(left.subarray(leftAt, one.next), right.subarray(rightAt, other.next));
      if (bytes !== 0) {
        if (one.tag === TAG.token || other.tag === TAG.token) return bytes;
        const [value, otherValue] = [decodeElement(codec, one), decodeElement(codec, other)];
        if (value === null || value === undefined || otherValue === null || otherValue === undefined) return bytes;
        return compareValues(type, value, otherValue) || bytes;
      }
      [leftAt, rightAt] = [one.next, other.next];
    }
    return 0;
  };
}
