import { compareBytes, concatenate } from '../bytes.ts';
import type { Codec } from '../codec.ts';
import { decodeElement, encodeElement } from '../element.ts';
import { notCanonical } from '../field.ts';
import { TAG } from '../tag.ts';
import { isList } from './array.ts';
import { fieldsOf } from './fields.ts';

/** Elements in the order of their canonical bytes, whatever order they came in. One that stands twice is refused: it is no set. */
export function set(element: Codec): Codec {
  return {
    tag: TAG.set,
    payloadOf: (spelling, notes) => {
      const items = spelling instanceof Set ? [...spelling] : spelling;
      if (!isList(items)) return notes.refuse('field-type', 'set');
      const fields = items.map((item) =>
        encodeElement(element, item ?? notes.refuse('field-type', 'set of values'), notes),
      );
      fields.sort(compareBytes);
      const twice = fields.some((field, index) => index > 0 && compareBytes(fields[index - 1] ?? field, field) === 0);
      if (twice) notes.refuse('field-format', 'set without duplicates');
      return concatenate(fields);
    },
    valueOf: (payload) => {
      let before: Uint8Array | undefined;
      let from = 0;
      return fieldsOf(payload).map((field) => {
        const bytes = payload.subarray(from, field.next);
        if (before !== undefined && compareBytes(before, bytes) >= 0) throw notCanonical('a set out of order');
        before = bytes;
        from = field.next;
        return decodeElement(element, field) ?? notAValue();
      });
    },
  };
}

function notAValue(): never {
  throw notCanonical('a set with NULL');
}
