import { dateOf } from '../../../../shared/canonical/calendar.ts';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { decodeElement } from '../../../../shared/canonical/element.ts';
import { readField } from '../../../../shared/canonical/field.ts';
import type { CanonicalValue, DateParts } from '../../../../shared/canonical/spelling.ts';
import { NANOSECONDS_PER_DAY, NANOSECONDS_PER_SECOND } from '../../../../shared/canonical/types/temporal-text.ts';
import { codecFor } from '../../../../shared/canonical/types.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { TableColumn } from './table.ts';

/** Types whose canonical value is what the engine has, so that a row can be asked for by it. */
const REVERSIBLE: Readonly<Record<string, readonly ColumnType['kind'][]>> = {
  int2: ['integer'],
  int4: ['integer'],
  int8: ['integer'],
  numeric: ['decimal', 'integer'],
  text: ['text'],
  varchar: ['text'],
  bpchar: ['text'],
  uuid: ['uuid'],
  bytea: ['bytes', 'uuid'],
  bool: ['boolean'],
  date: ['date'],
  timestamptz: ['instant'],
  timestamp: ['datetime', 'instant'],
};

/** Whether a key can be turned back into values: nothing in it is masked, NULL, or has lost something to a rule. */
export function isReversible({ relation, catalog }: TableColumn): boolean {
  const { type } = relation;
  const lossy =
    ('padding' in type && type.padding !== undefined) ||
    ('normalization' in type && type.normalization !== undefined) ||
    ('scale' in type && type.scale !== undefined) ||
    ('excess' in type && type.excess !== undefined);
  const known = !catalog.cast && REVERSIBLE[catalog.sent ?? '']?.includes(type.kind) === true;
  return known && !lossy && !relation.masked && !catalog.nullable;
}

/** A canonical key as texts that PostgreSQL reads, a value each; undefined when it is none that the columns could have. */
export function keyTexts(columns: readonly TableColumn[], key: Uint8Array): readonly string[] | undefined {
  try {
    return readKey(columns, key);
  } catch (error) {
    // Under this declaration no value has such bytes: no row has such a key.
    if (error instanceof Problem && error.code === 'evidence-invalid') return undefined;
    throw error;
  }
}

function readKey(columns: readonly TableColumn[], key: Uint8Array): readonly string[] | undefined {
  const texts: string[] = [];
  let at = 0;
  for (const { relation, catalog } of columns) {
    const field = readField(key, at);
    at = field.next;
    const value = decodeElement(codecFor(relation.type), field);
    const text = value === null || value === undefined ? undefined : textOf(value, catalog.sent === 'bytea');
    // A text with NUL is in no column.
    if (text === undefined || text.includes('\0')) return undefined;
    texts.push(text);
  }
  return texts;
}

function textOf(value: CanonicalValue, asBytea: boolean): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return value.toString();
  // Thirty-two digits are a UUID.
  if (value instanceof Uint8Array) return `${asBytea ? '\\x' : ''}${Buffer.from(value).toString('hex')}`;
  if (typeof value !== 'object') return undefined;
  if ('special' in value) return value.special;
  if ('coefficient' in value) return `${value.coefficient}e${value.exponent}`;
  if ('date' in value) return typeof value.date === 'string' ? value.date : dateText(value.date);
  if ('datetime' in value) return typeof value.datetime === 'string' ? value.datetime : wallText(value.datetime);
  if ('instant' in value) return typeof value.instant === 'string' ? value.instant : instantText(value.instant);
  return undefined;
}

const pad = (number: number | bigint, digits: number): string => number.toString().padStart(digits, '0');

/** Year 0 is 1 BC, and so on backwards; `between` stands before the era. */
function dateText({ year, month, day }: DateParts, between = ''): string {
  const parts = `${pad(year > 0 ? year : 1 - year, 4)}-${pad(month, 2)}-${pad(day, 2)}${between}`;
  return year > 0 ? parts : `${parts} BC`;
}

function wallText({ time, ...date }: DateParts & { readonly time: bigint }, zone = ''): string {
  const seconds = time / NANOSECONDS_PER_SECOND;
  const clock = `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}`;
  return dateText(date, ` ${clock}.${pad(time % NANOSECONDS_PER_SECOND, 9)}${zone}`);
}

function instantText(instant: bigint): string {
  const time = ((instant % NANOSECONDS_PER_DAY) + NANOSECONDS_PER_DAY) % NANOSECONDS_PER_DAY;
  return wallText({ ...dateOf(Number((instant - time) / NANOSECONDS_PER_DAY)), time }, '+00');
}
