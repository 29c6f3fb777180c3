import type { ColumnType } from '../column-type.ts';
import { type EngineType, writerOf } from '../engine-type.ts';
import type { ColumnNotes } from '../notes.ts';
import type { FieldWriter } from '../writer.ts';
import { mysqlDecimal, mysqlFloat } from './decimal.ts';
import { mysqlBit, mysqlInteger } from './integer.ts';
import { mysqlDate, mysqlDatetime, mysqlTime, mysqlTimestamp } from './temporal.ts';
import { mysqlBytes, mysqlJson, mysqlText, mysqlUuid } from './text.ts';

/** By `information_schema.columns.data_type`. */
const TYPES: Readonly<Record<string, EngineType>> = {
  tinyint: mysqlInteger,
  smallint: mysqlInteger,
  mediumint: mysqlInteger,
  int: mysqlInteger,
  bigint: mysqlInteger,
  year: mysqlInteger,
  bit: mysqlBit,
  decimal: mysqlDecimal,
  float: mysqlFloat,
  double: mysqlFloat,
  char: mysqlText,
  varchar: mysqlText,
  tinytext: mysqlText,
  text: mysqlText,
  mediumtext: mysqlText,
  longtext: mysqlText,
  enum: mysqlText,
  set: mysqlText,
  binary: mysqlBytes,
  varbinary: mysqlBytes,
  tinyblob: mysqlBytes,
  blob: mysqlBytes,
  mediumblob: mysqlBytes,
  longblob: mysqlBytes,
  json: mysqlJson,
  uuid: mysqlUuid,
  date: mysqlDate,
  time: mysqlTime,
  datetime: mysqlDatetime,
  timestamp: mysqlTimestamp,
};

export function isMysqlType(name: string): boolean {
  return Object.hasOwn(TYPES, name);
}

/** The writer of a column, from the bytes of the text protocol; `name` as above. */
export function fromMysqlText(name: string, declared: ColumnType, notes: ColumnNotes): FieldWriter {
  return writerOf(isMysqlType(name) ? TYPES[name] : undefined, `MySQL's ${name}`, declared, notes);
}
