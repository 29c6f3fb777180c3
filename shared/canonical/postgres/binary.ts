import type { ColumnType } from '../column-type.ts';
import { type EngineType, writerOf } from '../engine-type.ts';
import type { ColumnNotes } from '../notes.ts';
import type { FieldWriter } from '../writer.ts';
import { postgresArray } from './array.ts';
import { postgresBoolean } from './boolean.ts';
import { postgresBytea, postgresUuid } from './bytes.ts';
import { postgresFloat4, postgresFloat8 } from './float.ts';
import { postgresInteger } from './integer.ts';
import { postgresNumeric } from './numeric.ts';
import { postgresDate, postgresTime, postgresTimestamp, postgresTimestamptz } from './temporal.ts';
import { postgresJson, postgresText } from './text.ts';

/** By `pg_type.typname`. A type that is not here has to be cast to text in the query, if the contract wants that. */
const SCALARS: Readonly<Record<string, EngineType>> = {
  int2: postgresInteger(2),
  int4: postgresInteger(4),
  int8: postgresInteger(8),
  float4: postgresFloat4,
  float8: postgresFloat8,
  numeric: postgresNumeric,
  bool: postgresBoolean,
  text: postgresText,
  varchar: postgresText,
  bpchar: postgresText,
  name: postgresText,
  bytea: postgresBytea,
  uuid: postgresUuid,
  date: postgresDate,
  time: postgresTime,
  timestamp: postgresTimestamp,
  timestamptz: postgresTimestamptz,
  json: postgresJson(0),
  jsonb: postgresJson(1),
};

/** Whether a column of this PostgreSQL type can be read at all. Array types begin with `_`. */
export function isPostgresType(name: string): boolean {
  return typeOf(name) !== undefined;
}

/** The writer of a column, from PostgreSQL's binary format; `name` as above. */
export function fromPostgresBinary(name: string, declared: ColumnType, notes: ColumnNotes): FieldWriter {
  return writerOf(typeOf(name), `PostgreSQL's ${name}`, declared, notes);
}

function typeOf(name: string): EngineType | undefined {
  if (Object.hasOwn(SCALARS, name)) return SCALARS[name];
  const element = name.startsWith('_') ? name.slice(1) : '';
  const scalar = Object.hasOwn(SCALARS, element) ? SCALARS[element] : undefined;
  return scalar && postgresArray(scalar);
}
