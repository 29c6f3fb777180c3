import { compareBytes, concatenate } from '../bytes.ts';
import type { Codec } from '../codec.ts';
import { decodeElement, encodeElement } from '../element.ts';
import { fieldBytes, notCanonical } from '../field.ts';
import type { ColumnNotes } from '../notes.ts';
import type { CanonicalValue, Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { fieldsOf } from './fields.ts';
import { decodeText, encodeText, readText } from './text.ts';

/** Values by name, in the order of the names' bytes. All values have one type; a document of mixed types is JSON. */
export function map(element: Codec): Codec {
  return {
    tag: TAG.map,
    payloadOf: (spelling, notes) => {
      if (!isMap(spelling)) return notes.refuse('field-type', 'map');
      const sorted = [...spelling]
        .map(([name, value]) => ({ name: encodeText(readText(name, notes)), value: presentValue(value, notes) }))
        .sort((left, right) => compareBytes(left.name, right.name));
      return concatenate(
        sorted.flatMap(({ name, value }) => [fieldBytes(TAG.text, name), encodeElement(element, value, notes)]),
      );
    },
    valueOf: (payload) => {
      const fields = fieldsOf(payload);
      const values = new Map<string, CanonicalValue | null>();
      let before: Uint8Array | undefined;
      for (let index = 0; index < fields.length; index += 2) {
        const [name, field] = [fields[index], fields[index + 1]];
        const bytes =
          name?.tag === TAG.text ? name.payload : name?.tag === TAG.empty ? name.payload.subarray(1) : undefined;
        const value = field && decodeElement(element, field);
        if (bytes === undefined || value === undefined || (before !== undefined && compareBytes(before, bytes) >= 0)) {
          throw notCanonical('a map out of order');
        }
        values.set(decodeText(bytes), value);
        before = bytes;
      }
      return values;
    },
  };
}

function isMap(spelling: NonNullable<Spelling>): spelling is ReadonlyMap<string, Spelling> {
  return spelling instanceof Map;
}

function presentValue(value: Spelling, notes: ColumnNotes): Spelling {
  return value === undefined ? notes.refuse('field-type', 'map without gaps') : value;
}
