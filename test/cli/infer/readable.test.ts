import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../cli/infer/native.ts';
import { pairOf } from '../../../cli/infer/pair.ts';
import { ATTRIBUTE_KINDS, isAttributeType } from '../../../functions/sweep/engines/dynamodb/attribute.ts';
import { jsonWriter } from '../../../functions/sweep/engines/files/json-type.ts';
import { parquetFormat } from '../../../functions/sweep/engines/files/parquet.ts';
import { textCellWriter } from '../../../functions/sweep/engines/files/text-type.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import { fromMysqlText } from '../../../shared/canonical/mysql/text-protocol.ts';
import { ColumnNotes } from '../../../shared/canonical/notes.ts';
import { fromPostgresBinary } from '../../../shared/canonical/postgres/binary.ts';
import type { Endpoint } from '../../../shared/equivalence/schema.ts';

interface Side {
  readonly endpoint: Endpoint;
  /** As catalogues spell it. */
  readonly type: string;
  /** Throws when the engine cannot read it as this. */
  readonly read: (declared: ColumnType) => unknown;
}

const notes = new ColumnNotes('v');
const files = (format: 'csv' | 'ndjson' | 'parquet'): Endpoint => ({
  engine: 'files',
  connection: 'x',
  consistency: 'frozen',
  location: { path: '/x' },
  format,
});
const postgres = (type: string, typname: string): Side => ({
  endpoint: { engine: 'postgres', connection: 'x', consistency: 'frozen', schema: 's', table: 't' },
  type,
  read: (declared) => fromPostgresBinary(typname, declared, notes),
});
const mysql = (type: string): Side => ({
  endpoint: { engine: 'mysql', connection: 'x', consistency: 'settled', schema: 's', table: 't' },
  type,
  read: (declared) => fromMysqlText(/^[a-z]+/.exec(type)?.[0] ?? '', declared, notes),
});
const dynamodb = (type: string): Side => ({
  endpoint: { engine: 'dynamodb', connection: 'x', consistency: 'settled', table: 't' },
  type,
  read: ({ kind }) => {
    if (!isAttributeType(type) || !ATTRIBUTE_KINDS[type].includes(kind)) throw new Error(`${kind} from ${type}`);
  },
});
const json = (type: string, sample: string): Side => ({
  endpoint: files('ndjson'),
  type,
  // Judged value by value: of this one, that its kind is one that the type can be.
  read: (declared) => {
    const write = jsonWriter(type, declared, notes);
    const bytes = Buffer.from(sample);
    try {
      write(bytes, 0, bytes.length, new Uint8Array(1000), 0);
    } catch (error) {
      if (/ from a JSON /.test(String(error))) throw error;
    }
  },
});
const parquet = (type: string): Side => ({
  endpoint: files('parquet'),
  type,
  read: (declared) => parquetFormat.writer(type, declared, notes),
});

const SIDES: readonly Side[] = [
  ...(
    [
      ['smallint', 'int2'],
      ['bigint', 'int8'],
      ['numeric', 'numeric'],
      ['numeric(12,2)', 'numeric'],
      ['real', 'float4'],
      ['double precision', 'float8'],
      ['boolean', 'bool'],
      ['text', 'text'],
      ['character varying(9)', 'varchar'],
      ['character(9)', 'bpchar'],
      ['bytea', 'bytea'],
      ['uuid', 'uuid'],
      ['date', 'date'],
      ['time without time zone', 'time'],
      ['timestamp(3) without time zone', 'timestamp'],
      ['timestamp with time zone', 'timestamptz'],
      ['json', 'json'],
      ['jsonb', 'jsonb'],
      ['text[]', '_text'],
      ['bigint[]', '_int8'],
    ] as const
  ).map(([type, typname]) => postgres(type, typname)),
  ...[
    'tinyint(1)',
    'int(11)',
    'bigint(20) unsigned',
    'year(4)',
    'bit(1)',
    'decimal(10,0)',
    'decimal(65,30)',
    'float',
    'double',
    'char(36)',
    'varchar(80)',
    'longtext',
    "enum('a','b')",
    'binary(16)',
    'varbinary(80)',
    'blob',
    'json',
    'uuid',
    'date',
    'time(6)',
    'datetime',
    'timestamp(6)',
  ].map(mysql),
  ...['S', 'N', 'B', 'BOOL', 'L', 'M', 'SS', 'NS', 'BS'].map(dynamodb),
  ...(
    [
      ['string', '"a"'],
      ['number', '1'],
      ['boolean', 'true'],
      ['array', '[]'],
      ['object', '{}'],
    ] as const
  ).map(([type, sample]) => json(type, sample)),
  { endpoint: files('csv'), type: 'text', read: (declared) => textCellWriter('text', declared, notes) },
  ...[
    'INT32',
    'UINT64',
    'DECIMAL(38,8)',
    'FLOAT',
    'DOUBLE',
    'BOOLEAN',
    'STRING',
    'JSON',
    'UUID',
    'BYTES',
    'DATE',
    'TIME(6)',
    'TIMESTAMP(3)',
    'TIMESTAMPTZ(6)',
    'INT96',
    'LIST<STRING>',
    'LIST<INT64>',
  ].map(parquet),
];

const nameOf = ({ endpoint, type }: Side): string =>
  `${endpoint.engine === 'files' ? endpoint.format : endpoint.engine} ${type}`;

describe('whatever is suggested or offered for two native types', () => {
  it.each(SIDES.map((side) => [nameOf(side), side] as const))(
    'both can be read as: %s and any other',
    (_name, source) => {
      const wrong: string[] = [];
      for (const target of SIDES) {
        const { types } = pairOf(factsOf(source.endpoint, source.type), factsOf(target.endpoint, target.type));
        for (const type of types) {
          for (const side of [source, target]) {
            try {
              side.read(type);
            } catch {
              wrong.push(`${JSON.stringify(type)} from ${nameOf(side)}, of ${nameOf(source)} and ${nameOf(target)}`);
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(SIDES.map((side) => [nameOf(side), side] as const))(
    'is exact of two that are the same: %s',
    (_name, side) => {
      const facts = factsOf(side.endpoint, side.type);
      const { types, because } = pairOf(facts, facts);
      expect(types.length).toBeGreaterThan(0);
      // Unless nobody knows what they hold, or what pads them.
      if (!because.includes('padding') && facts.loose !== true)
        expect(because.filter((kind) => kind !== 'type')).toEqual([]);
      expect(types[0]).not.toHaveProperty('scale');
      expect(types[0]).not.toHaveProperty('excess');
    },
  );
});
