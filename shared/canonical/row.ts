/**
 * The reference encoding of a row: its fields, one behind the other, in the order of the contract, key columns first. The writers of
 * postgres/ and mysql/ give the same bytes without making the values.
 */
import { concatenate } from './bytes.ts';
import type { Codec } from './codec.ts';
import type { ColumnType } from './column-type.ts';
import { decodeElement, encodeElement } from './element.ts';
import { notCanonical, readField } from './field.ts';
import { ColumnNotes } from './notes.ts';
import type { CanonicalValue, Spelling } from './spelling.ts';
import { codecFor } from './types.ts';

/** A compared column: its name in the contract, and its canonical type. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface RowCodec {
  /** Canonical bytes of one row; `spellings` in contract order. */
  encode(spellings: readonly Spelling[]): Uint8Array;
  /** The values of a row, in contract order; refuses bytes that are not in canonical form. */
  decode(bytes: Uint8Array): readonly (CanonicalValue | null | undefined)[];
  /** What the rules changed, a column each. */
  readonly notes: readonly ColumnNotes[];
}

export function rowCodec(columns: readonly Column[]): RowCodec {
  const fields = columns.map(({ name, type }) => ({ codec: codecFor(type), notes: new ColumnNotes(name) }));
  return {
    encode: (spellings) =>
      concatenate(fields.map(({ codec, notes }, index) => encodeElement(codec, spellings[index], notes))),
    decode: (bytes) =>
      decodeFields(
        fields.map(({ codec }) => codec),
        bytes,
      ),
    notes: fields.map(({ notes }) => notes),
  };
}

function decodeFields(codecs: readonly Codec[], bytes: Uint8Array): readonly (CanonicalValue | null | undefined)[] {
  let at = 0;
  const values = codecs.map((codec) => {
    const field = readField(bytes, at);
    at = field.next;
    return decodeElement(codec, field);
  });
  if (at !== bytes.length) throw notCanonical('a row with needless bytes');
  return values;
}
