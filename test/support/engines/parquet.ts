/** Parquet files of logical rows, by hyparquet-writer, given raw values so that it converts none. */

import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { daysOf } from '../../../shared/canonical/calendar.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { LogicalTable, LogicalValue } from './harness.ts';
import { printJson, printValue } from './print.ts';

const DECIMAL_SCALE = 8;
type Leaf = Omit<SchemaElement, 'name'>;

const LEAVES: Partial<Record<ColumnType['kind'], { native: string; leaf: Leaf }>> = {
  integer: { native: 'INT64', leaf: { type: 'INT64' } },
  decimal: {
    native: `DECIMAL(38,${DECIMAL_SCALE})`,
    leaf: {
      type: 'FIXED_LEN_BYTE_ARRAY',
      type_length: 16,
      converted_type: 'DECIMAL',
      precision: 38,
      scale: DECIMAL_SCALE,
    },
  },
  float32: { native: 'FLOAT', leaf: { type: 'FLOAT' } },
  float64: { native: 'DOUBLE', leaf: { type: 'DOUBLE' } },
  boolean: { native: 'BOOLEAN', leaf: { type: 'BOOLEAN' } },
  text: { native: 'STRING', leaf: { type: 'BYTE_ARRAY', converted_type: 'UTF8' } },
  bytes: { native: 'BYTES', leaf: { type: 'BYTE_ARRAY' } },
  uuid: { native: 'UUID', leaf: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } } },
  date: { native: 'DATE', leaf: { type: 'INT32', converted_type: 'DATE' } },
  instant: {
    native: 'TIMESTAMPTZ(6)',
    leaf: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
  },
  datetime: {
    native: 'TIMESTAMP(6)',
    leaf: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
  },
  time: {
    native: 'TIME(6)',
    leaf: { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } },
  },
  json: { native: 'JSON', leaf: { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } } },
};

export function parquetNativeType(type: ColumnType): string | undefined {
  return LEAVES[type.kind]?.native;
}

export function parquetOf(table: LogicalTable): Uint8Array {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: table.columns.length },
    ...table.columns.map(({ name, type, nullable }): SchemaElement => {
      const leaf = LEAVES[type.kind]?.leaf;
      if (leaf === undefined) throw new TypeError('No such Parquet type.');
      return { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED', ...leaf };
    }),
  ];
  const columnData = table.columns.map(({ name }, index) => ({
    name,
    data: table.rows.map((row) => rawValue(row[index])),
  }));
  return new Uint8Array(parquetWriteBuffer({ schema, columnData, rowGroupSize: 40, statistics: false }));
}

function rawValue(value: LogicalValue): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if ('coefficient' in value) return value.coefficient * 10n ** BigInt(value.exponent + DECIMAL_SCALE);
  if ('json' in value) return new TextEncoder().encode(printJson(value.json));
  if ('date' in value && typeof value.date === 'object') return daysOf(value.date);
  if ('instant' in value && typeof value.instant === 'bigint') return value.instant / 1000n;
  if ('time' in value) return value.time / 1000n;
  if ('datetime' in value && typeof value.datetime === 'object') {
    return BigInt(daysOf(value.datetime)) * 86_400_000_000n + value.datetime.time / 1000n;
  }
  return printValue(value satisfies CanonicalValue);
}
