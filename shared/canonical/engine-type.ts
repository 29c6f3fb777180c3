import type { ColumnType, Kind } from './column-type.ts';
import type { ColumnNotes } from './notes.ts';
import { codecFor } from './types.ts';
import { type FieldWriter, referenceWriter, type Spell } from './writer.ts';

/** How one type of an engine is read from the bytes that the engine sends. */
export interface EngineType {
  /** The canonical types under which its values mean something; any other is an undeclared difference in type. */
  readonly kinds: readonly Kind[];
  /** Whether it means something under this declaration, beyond its kind. */
  readonly accepts?: (declared: ColumnType) => boolean;
  /** Bytes of every value, where they are always so many. */
  readonly width?: number;
  readonly spell: Spell;
  /** A faster way to what the reference gives; undefined where this declaration has none. It falls back for what is rare. */
  readonly fast?: (declared: ColumnType, notes: ColumnNotes, rare: FieldWriter) => FieldWriter | undefined;
}

export function accepts(type: EngineType, declared: ColumnType): boolean {
  return type.kinds.includes(declared.kind) && type.accepts?.(declared) !== false;
}

/**
 * The writer of a column. Throws a Problem when the contract's type is not one that the engine's type, called `name`, can be without a
 * coercion.
 */
export function writerOf(
  type: EngineType | undefined,
  name: string,
  declared: ColumnType,
  notes: ColumnNotes,
): FieldWriter {
  if (type === undefined || !accepts(type, declared)) {
    return notes.refuse('field-type', `${declared.kind} from ${name}`);
  }
  const reference = referenceWriter(codecFor(declared), notes, (source, start, end) => {
    if (type.width !== undefined && end - start !== type.width) notes.refuse('field-format', name);
    return type.spell(source, start, end, notes);
  });
  return type.fast?.(declared, notes, reference) ?? reference;
}
