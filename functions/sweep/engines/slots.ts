/** Which values an engine must read of a row, in which order, and how each becomes a field. */
import type { Codec } from '../../../shared/canonical/codec.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { encodeElement } from '../../../shared/canonical/element.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { TAG } from '../../../shared/canonical/tag.ts';
import { codecFor } from '../../../shared/canonical/types.ts';
import { type FieldWriter, fieldBound } from '../../../shared/canonical/writer.ts';
import { type FieldTest, filterOf } from '../../../shared/equivalence/filter.ts';
import type { FieldMask, Masks } from '../../../shared/equivalence/mask.ts';
import type { Relation, RelationColumn, RelationFilter } from '../../../shared/equivalence/relation.ts';
import { type FieldProblem, Problem } from '../../../shared/problem.ts';

/** A column in the engine; a filter of one side does not say its type. */
export interface SlotColumn {
  readonly name: string;
  readonly type: string | undefined;
}

/** How an engine's bytes of one column become a field. */
export type WriterFor = (native: SlotColumn, declared: ColumnType, notes: ColumnNotes) => FieldWriter;

interface Slot {
  readonly native: SlotColumn;
  readonly writerFor: WriterFor;
}

export interface FilterPlan extends Slot {
  readonly filter: RelationFilter;
}

export interface ValuePlan extends Slot {
  readonly column: RelationColumn;
  readonly mask: FieldMask | undefined;
}

export interface SlotPlan {
  /** Filters come first: a row that they drop is not looked at any further. */
  readonly filters: readonly FilterPlan[];
  readonly values: readonly ValuePlan[];
  /** Slots up to the end of the key, filters included. */
  readonly keySlots: number;
  /** Native names in the order of the slots; one may stand there several times. */
  readonly natives: readonly string[];
}

/** Engines that give spellings instead of bytes leave `writerFor` out. */
export function planSlots(
  relation: Relation,
  masks: Masks,
  columns: 'key' | 'all',
  writerFor: WriterFor = noWriter,
): SlotPlan {
  const filters = relation.filters.map((filter) => ({ native: filter.native, writerFor, filter }));
  const values = relation.columns.slice(0, columns === 'key' ? relation.keyColumns : undefined).map((column) => ({
    native: column.native,
    writerFor,
    column,
    mask: column.masked ? masks.forColumn(column.name) : undefined,
  }));
  return {
    filters,
    values,
    keySlots: filters.length + relation.keyColumns,
    natives: [...filters, ...values].map(({ native }) => native.name),
  };
}

const noWriter: WriterFor = (_native, _type, notes) => () => notes.refuse('field-type', 'a value, not bytes');

/** What one scan knows of one compared column. */
export class ValueSlot {
  readonly nullable: boolean;
  readonly absentIsNull: boolean;
  readonly codec: Codec;
  readonly notes: ColumnNotes;
  readonly write: FieldWriter;
  readonly mask: FieldMask | undefined;
  absences = 0;

  constructor({ native, writerFor, column, mask }: ValuePlan) {
    this.nullable = column.nullable;
    this.absentIsNull = column.absentIsNull;
    this.codec = codecFor(column.type);
    this.notes = new ColumnNotes(column.name);
    this.write = writerFor(native, column.type, this.notes);
    this.mask = mask;
  }
}

/** A filter looks at a field of its own, made beside the row and never masked. */
export class FilterSlot {
  readonly #absentIsNull: boolean;
  readonly #codec: Codec;
  /** Of its own: what it changes is not part of the side. */
  readonly #notes: ColumnNotes;
  readonly #write: FieldWriter;
  readonly #test: FieldTest;
  #field = new Uint8Array(256);

  constructor({ native, writerFor, filter }: FilterPlan) {
    this.#absentIsNull = filter.absentIsNull;
    this.#codec = codecFor(filter.type);
    this.#notes = new ColumnNotes(filter.name);
    this.#write = writerFor(native, filter.type, this.#notes);
    this.#test = filterOf(filter.type, filter.where);
  }

  value(source: Uint8Array, start: number, end: number): boolean {
    const bound = fieldBound(end - start);
    if (bound > this.#field.length) this.#field = new Uint8Array(2 * bound);
    return this.#test(this.#field, 0, this.#write(source, start, end, this.#field, 0));
  }

  spelled(spelling: NonNullable<Spelling>): boolean {
    const field = encodeElement(this.#codec, spelling, this.#notes);
    return this.#test(field, 0, field.length);
  }

  missing(tag: typeof TAG.null | typeof TAG.absent): boolean {
    return this.#test(Uint8Array.of(this.#absentIsNull ? TAG.null : tag, 0), 0, 2);
  }
}

/**
 * Makes every writer once, so that a canonical type that a column cannot have is found before anything is read. Throws
 * Problem('configuration-invalid') with a pointer to each such column.
 */
export function demandWriters(plan: SlotPlan): void {
  const errors = [
    ...plan.filters.map((slot) => () => new FilterSlot(slot)),
    ...plan.values.map((slot) => () => new ValueSlot(slot)),
  ].flatMap((make): readonly FieldProblem[] => {
    try {
      make();
      return [];
    } catch (error) {
      if (error instanceof Problem && error.errors !== undefined) return error.errors;
      throw error;
    }
  });
  if (errors.length > 0) {
    throw new Problem('configuration-invalid', { detail: 'A column cannot be read as its canonical type.', errors });
  }
}
