/**
 * Parquet's types, and how a raw value of each becomes a canonical field. Values are read raw (integers and bytes, as the file has them)
 * because the library's own conversions are those of JavaScript: decimals as doubles, timestamps in milliseconds.
 */
import type { LogicalType, SchemaElement, SchemaTree } from 'hyparquet';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import { type EngineType, writerOf } from '../../../../shared/canonical/engine-type.ts';
import { mysqlDecimal } from '../../../../shared/canonical/mysql/decimal.ts';
import { mysqlInteger } from '../../../../shared/canonical/mysql/integer.ts';
import { mysqlJson } from '../../../../shared/canonical/mysql/text.ts';
import type { ColumnNotes } from '../../../../shared/canonical/notes.ts';
import { fromPostgresBinary } from '../../../../shared/canonical/postgres/binary.ts';
import type { FieldWriter } from '../../../../shared/canonical/writer.ts';
import { parquetTime, putTime } from './parquet-time.ts';
import {
  type PutValue,
  putBoolean,
  putDecimal,
  putFloat16,
  putFloat32,
  putFloat64,
  putPostgresDate,
  putSigned,
  putUnsigned,
} from './parquet-value.ts';
import { textCell } from './text-type.ts';

const UNITS = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;
const SIGNED: Readonly<Record<string, number>> = { INT_8: 8, INT_16: 16, INT_32: 32, INT_64: 64 };
const UNSIGNED: Readonly<Record<string, number>> = { UINT_8: 8, UINT_16: 16, UINT_32: 32, UINT_64: 64 };

/**
 * What a contract calls the type of a column: `INT64`, `UINT32`, `DECIMAL(12,2)`, `TIMESTAMP(6)`, `TIMESTAMPTZ(6)`, `TIME(6)`, `STRING`,
 * `LIST<STRING>` …; a type that has no canonical one begins with a question mark.
 */
export function parquetTypeName(node: SchemaTree): string {
  const { element } = node;
  if (element.repetition_type === 'REPEATED') return '?REPEATED';
  if (node.children.length === 0) return leafTypeName(element);
  const item = listItem(node);
  return item === undefined ? `?${element.converted_type ?? 'GROUP'}` : `LIST<${leafTypeName(item.element)}>`;
}

/** The item of a list of three levels (parquet-format, LogicalTypes.md), where it is no group itself. */
function listItem(node: SchemaTree): SchemaTree | undefined {
  if (node.element.converted_type !== 'LIST' && node.element.logical_type?.type !== 'LIST') return undefined;
  const [repeated] = node.children;
  const [item] = repeated?.children ?? [];
  const isList = node.children.length === 1 && repeated?.children.length === 1 && item?.children.length === 0;
  return isList ? item : undefined;
}

function leafTypeName(element: SchemaElement): string {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL')
    return `DECIMAL(${element.precision},${element.scale ?? 0})`;
  if (logical?.type === 'TIMESTAMP') return `TIMESTAMP${logical.isAdjustedToUTC ? 'TZ' : ''}(${UNITS[logical.unit]})`;
  if (logical?.type === 'TIME') return `TIME(${UNITS[logical.unit]})`;
  if (converted === 'TIMESTAMP_MILLIS') return 'TIMESTAMPTZ(3)';
  if (converted === 'TIMESTAMP_MICROS') return 'TIMESTAMPTZ(6)';
  if (converted === 'TIME_MILLIS') return 'TIME(3)';
  if (converted === 'TIME_MICROS') return 'TIME(6)';
  if (converted === 'DATE' || logical?.type === 'DATE') return 'DATE';
  return integerName(element) ?? textName(element) ?? plainName(element, logical, type);
}

function integerName({ converted_type: converted, logical_type: logical }: SchemaElement): string | undefined {
  if (logical?.type === 'INTEGER') return `${logical.isSigned ? 'INT' : 'UINT'}${logical.bitWidth}`;
  if (converted === undefined) return undefined;
  if (SIGNED[converted] !== undefined) return `INT${SIGNED[converted]}`;
  return UNSIGNED[converted] === undefined ? undefined : `UINT${UNSIGNED[converted]}`;
}

function textName({ converted_type: converted, logical_type: logical }: SchemaElement): string | undefined {
  if (converted === 'JSON' || logical?.type === 'JSON') return 'JSON';
  const isText = converted === 'UTF8' || converted === 'ENUM' || logical?.type === 'STRING' || logical?.type === 'ENUM';
  return isText ? 'STRING' : undefined;
}

function plainName(element: SchemaElement, logical: LogicalType | undefined, type: SchemaElement['type']): string {
  if (logical?.type === 'UUID' || logical?.type === 'FLOAT16') return logical.type;
  if (element.converted_type !== undefined || logical !== undefined) {
    return `?${element.converted_type ?? logical?.type ?? ''}`;
  }
  if (type === 'FIXED_LEN_BYTE_ARRAY') return `BYTES(${element.type_length ?? 0})`;
  return type === 'BYTE_ARRAY' ? 'BYTES' : (type ?? '?');
}

export interface ParquetType {
  /** The type whose bytes the raw values are turned into. */
  readonly writer: (declared: ColumnType, notes: ColumnNotes) => FieldWriter;
  /** Undefined where raw values are bytes, and right as they are. */
  readonly toBytes: PutValue | undefined;
}

const postgres =
  (name: string): ParquetType['writer'] =>
  (declared, notes) =>
    fromPostgresBinary(name, declared, notes);
const engine =
  (type: EngineType, name: string): ParquetType['writer'] =>
  (declared, notes) =>
    writerOf(type, `Parquet's ${name}`, declared, notes);

/** How values of a type are read; `name` is one of `parquetTypeName`. Undefined for what cannot be read. */
export function parquetType(name: string): ParquetType | undefined {
  const [, base = name, first = '', second = ''] = /^([A-Z]+)\((\d+)(?:,(\d+))?\)$/.exec(name) ?? [];
  const perSecond = 10n ** BigInt(first === '' ? 0 : first);
  switch (base) {
    case 'BOOLEAN':
      return { writer: postgres('bool'), toBytes: putBoolean };
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return { writer: postgres('int8'), toBytes: putSigned };
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
    case 'UINT64':
      return { writer: engine(mysqlInteger, base), toBytes: putUnsigned(base === 'UINT64' ? 64 : 32) };
    case 'FLOAT':
      return { writer: postgres('float4'), toBytes: putFloat32 };
    case 'FLOAT16':
      return { writer: postgres('float4'), toBytes: putFloat16 };
    case 'DOUBLE':
      return { writer: postgres('float8'), toBytes: putFloat64 };
    case 'DECIMAL':
      return { writer: engine(mysqlDecimal, base), toBytes: putDecimal(Number(second)) };
    case 'DATE':
      return { writer: postgres('date'), toBytes: putPostgresDate };
    case 'TIME':
      return { writer: engine(parquetTime('time'), base), toBytes: (value, view) => putTime(value, perSecond, view) };
    case 'TIMESTAMP':
    case 'TIMESTAMPTZ': {
      const type = parquetTime(base === 'TIMESTAMP' ? 'datetime' : 'instant');
      return { writer: engine(type, base), toBytes: (value, view) => putTime(value, perSecond, view) };
    }
    case 'INT96':
      // The library has made nanoseconds since 1970 of its days and nanoseconds.
      return {
        writer: engine(parquetTime('datetime'), base),
        toBytes: (value, view) => putTime(value, 10n ** 9n, view),
      };
    case 'STRING':
      return { writer: engine(textCell, base), toBytes: undefined };
    case 'JSON':
      return { writer: engine(mysqlJson, base), toBytes: undefined };
    case 'UUID':
      return { writer: postgres('uuid'), toBytes: undefined };
    case 'BYTES':
      return { writer: postgres('bytea'), toBytes: undefined };
    default:
      return undefined;
  }
}
