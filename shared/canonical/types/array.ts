import { concatenate } from '../bytes.ts';
import type { Codec } from '../codec.ts';
import { decodeElement, encodeElement } from '../element.ts';
import { notCanonical } from '../field.ts';
import type { Spelling } from '../spelling.ts';
import { TAG } from '../tag.ts';
import { fieldsOf } from './fields.ts';

/** Elements in their order; one may be NULL. Arrays of several dimensions are arrays of arrays. */
export function array(element: Codec): Codec {
  return {
    tag: TAG.array,
    payloadOf: (spelling, notes) => {
      if (!isList(spelling)) return notes.refuse('field-type', 'array');
      if (spelling.some((item) => item === undefined)) notes.refuse('field-type', 'array without gaps');
      return concatenate(spelling.map((item) => encodeElement(element, item, notes)));
    },
    valueOf: (payload) =>
      fieldsOf(payload).map((field) => {
        const value = decodeElement(element, field);
        if (value === undefined) throw notCanonical('an absent element');
        return value;
      }),
  };
}

export function isList(spelling: NonNullable<Spelling>): spelling is readonly Spelling[] {
  return Array.isArray(spelling);
}
