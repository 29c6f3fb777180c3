/**
 * Makes canonical rows out of what an engine read, value by value, and keeps the promises that every engine makes: filters decide first,
 * masks are applied before a row is committed, NULL comes only where the contract expects it, and what a rule changes is counted.
 */
import { encodeElement } from '../../../shared/canonical/element.ts';
import { writeHead } from '../../../shared/canonical/field.ts';
import type { Spelling } from '../../../shared/canonical/spelling.ts';
import { TAG } from '../../../shared/canonical/tag.ts';
import { fieldBound } from '../../../shared/canonical/writer.ts';
import type { RowBatch } from '../../../shared/fingerprint/row-batch.ts';
import type { ColumnCounts } from './engine.ts';
import { FilterSlot, type SlotPlan, ValueSlot } from './slots.ts';

/** First size of what holds a row whose length is not known before it is written, in bytes. */
const LOOSE_BYTES = 4096;

/**
 * A row is: `begin`, then every slot in the order of the plan, by whichever of `value`, `spelled`, `null` and `absent` fits, then `end`.
 * Once `dropped`, the rest of the slots may be left out.
 */
export class RowWriter {
  /** Whether the row that is being written was dropped: by a filter, or because nobody wants one of its key. */
  dropped = false;
  readonly #rows: RowBatch;
  readonly #filters: readonly FilterSlot[];
  readonly #values: readonly ValueSlot[];
  readonly #keySlots: number;
  readonly #wants: RowBatch['wants'];
  #start = 0;
  #target: Uint8Array = new Uint8Array(0);
  #at = 0;
  #keyEnd = 0;
  #slot = 0;
  #loose = new Uint8Array(LOOSE_BYTES);
  #isLoose = false;

  constructor(plan: SlotPlan, rows: RowBatch) {
    this.#rows = rows;
    this.#filters = plan.filters.map((slot) => new FilterSlot(slot));
    this.#values = plan.values.map((slot) => new ValueSlot(slot));
    this.#keySlots = plan.keySlots;
    this.#wants = rows.wants;
  }

  /** Begins a row whose values take at most so many bytes in all, as the engine sent them. */
  begin(sourceBytes: number): void {
    this.#rows.reserve(fieldBound(sourceBytes) + this.#values.length * fieldBound(0));
    this.#target = this.#rows.target;
    this.#isLoose = false;
    this.#reset(this.#rows.at);
  }

  /** Begins a row of values whose lengths are not known: it is written beside the batch, and copied when it ends. */
  beginLoose(): void {
    this.#target = this.#loose;
    this.#isLoose = true;
    this.#reset(0);
  }

  /** The next slot's value, as the bytes that the engine sent. */
  value(source: Uint8Array, start: number, end: number): void {
    const slot = this.#nextValue();
    if (slot === undefined) {
      this.#filter((filter) => filter.value(source, start, end));
      return;
    }
    this.#room(fieldBound(end - start));
    this.#finish(slot, slot.write(source, start, end, this.#target, this.#at));
  }

  /** The next slot's value, as a spelling; undefined is absent. */
  spelled(spelling: Spelling): void {
    if (spelling === null) this.null();
    else if (spelling === undefined) this.absent();
    else this.#spell(spelling);
  }

  null(): void {
    const slot = this.#nextValue();
    if (slot === undefined) this.#filter((filter) => filter.missing(TAG.null));
    else this.#missing(slot, TAG.null);
  }

  absent(): void {
    const slot = this.#nextValue();
    if (slot === undefined) this.#filter((filter) => filter.missing(TAG.absent));
    else if (slot.absentIsNull) {
      slot.absences += 1;
      this.#missing(slot, TAG.null);
    } else this.#missing(slot, TAG.absent);
  }

  /** Ends the row; true when it went into the batch. */
  end(): boolean {
    if (this.dropped) return false;
    if (!this.#isLoose) {
      this.#rows.commit(this.#keyEnd, this.#at);
      return true;
    }
    this.#rows.reserve(this.#at);
    const from = this.#rows.at;
    this.#rows.target.set(this.#loose.subarray(0, this.#at), from);
    this.#rows.commit(from + this.#keyEnd, from + this.#at);
    return true;
  }

  counts(): readonly ColumnCounts[] {
    return this.#values.map(({ notes, absences }) => ({
      column: notes.column,
      changed: { ...notes.counts, absent: absences },
    }));
  }

  #spell(spelling: NonNullable<Spelling>): void {
    const slot = this.#nextValue();
    if (slot === undefined) {
      this.#filter((filter) => filter.spelled(spelling));
      return;
    }
    const field = encodeElement(slot.codec, spelling, slot.notes);
    this.#room(field.length);
    this.#target.set(field, this.#at);
    this.#finish(slot, this.#at + field.length);
  }

  #reset(start: number): void {
    this.#start = start;
    this.#at = start;
    this.#keyEnd = start;
    this.#slot = 0;
    this.dropped = false;
  }

  /** The slot that comes next, when it is one of the row's own; filters come before these. */
  #nextValue(): ValueSlot | undefined {
    const index = this.#slot - this.#filters.length;
    this.#slot += 1;
    return index < 0 ? undefined : this.#values[index];
  }

  #filter(test: (filter: FilterSlot) => boolean): void {
    const filter = this.#filters[this.#slot - 1];
    if (filter !== undefined && !test(filter)) this.dropped = true;
  }

  #missing(slot: ValueSlot, tag: typeof TAG.null | typeof TAG.absent): void {
    if (!slot.nullable) slot.notes.refuse('field-type', tag === TAG.null ? 'not NULL' : 'not absent');
    this.#room(fieldBound(0));
    this.#finish(slot, writeHead(this.#target, this.#at, tag, 0));
  }

  #finish(slot: ValueSlot, end: number): void {
    this.#at = slot.mask === undefined ? end : slot.mask(this.#target, this.#at, end);
    if (this.#slot !== this.#keySlots) return;
    this.#keyEnd = this.#at;
    if (this.#wants?.(this.#target.subarray(this.#start, this.#at)) === false) this.dropped = true;
  }

  #room(bytes: number): void {
    if (!this.#isLoose || this.#at + bytes <= this.#loose.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#loose.length, this.#at + bytes));
    larger.set(this.#loose);
    this.#loose = larger;
    this.#target = larger;
  }
}
