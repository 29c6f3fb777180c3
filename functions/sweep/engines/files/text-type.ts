import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { type EngineType, writerOf } from '../../../../shared/canonical/engine-type.ts';
import { mysqlDecimal, mysqlFloat } from '../../../../shared/canonical/mysql/decimal.ts';
import { mysqlInteger } from '../../../../shared/canonical/mysql/integer.ts';
import { mysqlDate, mysqlDatetime, mysqlTime } from '../../../../shared/canonical/mysql/temporal.ts';
import { mysqlText, mysqlUuid } from '../../../../shared/canonical/mysql/text.ts';
import type { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import type { FieldWriter } from '../../../../shared/canonical/writer.ts';

/** Whose way of reading digits is right for any text that has the form which that type prints; another form is rare there. */
const FAST: Partial<Record<ColumnType['kind'], EngineType>> = {
  text: mysqlText,
  integer: mysqlInteger,
  decimal: mysqlDecimal,
  float64: mysqlFloat,
  boolean: mysqlInteger,
  uuid: mysqlUuid,
  date: mysqlDate,
  time: mysqlTime,
  datetime: mysqlDatetime,
};

const LETTER_Z = 0x5a;

/** A cell of a text file: it says nothing of its type, so that the contract's is taken, in any spelling that this type has. */
export const textCell: EngineType = {
  kinds: mysqlText.kinds,
  ...(mysqlText.accepts && { accepts: mysqlText.accepts }),
  spell: mysqlText.spell,
  fast: (declared, notes, rare) =>
    declared.kind === 'instant'
      ? instantInUtc(declared, notes, rare)
      : FAST[declared.kind]?.fast?.(declared, notes, rare),
};

/** `2024-02-29T23:59:59Z`: without its last letter a date-time, read as UTC. */
function instantInUtc(declared: ColumnType, notes: ColumnNotes, rare: FieldWriter): FieldWriter | undefined {
  const whole: FieldWriter = (source, start, end, target, at) => rare(source, start, end + 1, target, at);
  const fast = mysqlDatetime.fast?.(declared, notes, whole);
  if (fast === undefined) return undefined;
  return (source, start, end, target, at) =>
    source[end - 1] === LETTER_Z ? fast(source, start, end - 1, target, at) : rare(source, start, end, target, at);
}

export const textCellWriter = (_native: string | undefined, declared: ColumnType, notes: ColumnNotes): FieldWriter =>
  writerOf(textCell, 'text', declared, notes);
