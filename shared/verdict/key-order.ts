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
    const parts = partsOf(left);
    const others = partsOf(right);
    for (let index = 0; index < codecs.length; index++) {
      const [type, one, other] = [codecs[index]?.type, parts[index], others[index]];
      if (type === undefined || one === undefined || other === undefined) return 0;
      const ordered =
        one.value === undefined || other.value === undefined ? 0 : compareValues(type, one.value, other.value);
      // Equal bytes are equal values, so that values may be asked first: they are quicker to compare.
      const order = ordered || compareBytes(one.bytes, other.bytes);
      if (order !== 0) return order;
    }
    return 0;
  };
}
