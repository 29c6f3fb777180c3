import { type Field, readField } from '../field.ts';

/** The fields of which a payload is the sequence. */
export function fieldsOf(payload: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < payload.length; at = fields.at(-1)?.next ?? payload.length) fields.push(readField(payload, at));
  return fields;
}
