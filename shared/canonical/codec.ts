import type { ColumnNotes } from './notes.ts';
import type { CanonicalValue, Spelling } from './spelling.ts';
import type { Tag } from './tag.ts';

/** One canonical type, as one column declares it. */
export interface Codec {
  readonly tag: Tag;
  /** The payload of a value however it is spelled, after the declared rules. A spelling that is not declared is refused. */
  payloadOf(spelling: NonNullable<Spelling>, notes: ColumnNotes): Uint8Array;
  /** The value of a payload; refuses every payload that is not in canonical form. */
  valueOf(payload: Uint8Array): CanonicalValue;
}

/** A type in three steps: what a spelling means, how that is written, and how it is read back. */
export interface CanonicalType<Value extends CanonicalValue> {
  readonly tag: Tag;
  readonly read: (spelling: NonNullable<Spelling>, notes: ColumnNotes) => Value;
  readonly encode: (value: Value) => Uint8Array;
  readonly decode: (payload: Uint8Array) => Value;
}

export function codecOf<Value extends CanonicalValue>(type: CanonicalType<Value>): Codec {
  return {
    tag: type.tag,
    payloadOf: (spelling, notes) => type.encode(type.read(spelling, notes)),
    valueOf: (payload) => type.decode(payload),
  };
}
