import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { openFiles } from '../../../../functions/sweep/engines/files/engine.ts';
import type { ColumnType } from '../../../../shared/canonical/column-type.ts';
import type { EndpointOf } from '../../../../shared/equivalence/schema.ts';
import { memorySource, readText, relationOver } from '../../../support/engines/memory-source.ts';

const endpoint: EndpointOf<'files'> = {
  engine: 'files',
  connection: 'memory',
  consistency: 'frozen',
  location: { path: '/' },
  format: 'parquet',
};

type Leaf = Omit<SchemaElement, 'name'>;

function fileOf(leaf: Leaf, data: unknown[]): Uint8Array {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 1 },
    { name: 'a', repetition_type: 'OPTIONAL', ...leaf },
  ];
  return new Uint8Array(parquetWriteBuffer({ schema, columnData: [{ name: 'a', data }], statistics: false }));
}

const open = (content: Uint8Array) => openFiles(endpoint, memorySource({ file: content }, 100));

async function valuesOf(content: Uint8Array, native: string, type: ColumnType): Promise<unknown[]> {
  const rows = await readText(open(content), relationOver(endpoint, ['a'], { a: type }, { a: native }));
  return rows.map(([value]) => value);
}

const timestamp = (unit: 'MILLIS' | 'MICROS' | 'NANOS', isAdjustedToUTC: boolean): Leaf => ({
  type: 'INT64',
  logical_type: { type: 'TIMESTAMP', unit, isAdjustedToUTC },
});

describe('a Parquet file', () => {
  it.each<[string, Leaf, unknown[], ColumnType, unknown[]]>([
    [
      'UINT64',
      { type: 'INT64', converted_type: 'UINT_64' },
      [2n ** 64n - 1n, 1n],
      { kind: 'integer' },
      [2n ** 64n - 1n, 1n],
    ],
    ['UINT32', { type: 'INT32', converted_type: 'UINT_32' }, [4294967295, 1], { kind: 'integer' }, [4294967295n, 1n]],
    ['INT16', { type: 'INT32', converted_type: 'INT_16' }, [-32768], { kind: 'integer' }, [-32768n]],
    ['INT32', { type: 'INT32' }, [-1, 2147483647], { kind: 'integer' }, [-1n, 2147483647n]],
    [
      'DECIMAL(9,2)',
      { type: 'INT32', converted_type: 'DECIMAL', precision: 9, scale: 2 },
      [-5n, 12345n],
      { kind: 'decimal' },
      [
        { coefficient: -5n, exponent: -2 },
        { coefficient: 12345n, exponent: -2 },
      ],
    ],
    [
      'DECIMAL(18,0)',
      { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 0 },
      [999999999999999999n],
      { kind: 'integer' },
      [999999999999999999n],
    ],
    [
      'TIMESTAMPTZ(9)',
      timestamp('NANOS', true),
      [1n, -1n],
      { kind: 'instant', precision: 9 },
      [{ instant: 1n }, { instant: -1n }],
    ],
    [
      'TIMESTAMPTZ(3)',
      timestamp('MILLIS', true),
      [253402300799999n, -62135596800000n],
      { kind: 'instant', precision: 3 },
      [{ instant: 253402300799999000000n }, { instant: -62135596800000000000n }],
    ],
    [
      'TIMESTAMP(6)',
      timestamp('MICROS', false),
      [-1n],
      { kind: 'datetime', precision: 6 },
      [{ datetime: { year: 1969, month: 12, day: 31, time: 86_399_999_999_000n } }],
    ],
    [
      'TIMESTAMP(6)',
      timestamp('MICROS', false),
      [5n],
      { kind: 'instant', precision: 6, zoneless: 'utc' },
      [{ instant: 5000n }],
    ],
    [
      'TIMESTAMP(6)',
      timestamp('MICROS', false),
      [1500n],
      { kind: 'instant', precision: 3, zoneless: 'utc', excess: 'truncate' },
      [{ instant: 1000000n }],
    ],
    [
      'TIME(3)',
      { type: 'INT32', converted_type: 'TIME_MILLIS' },
      [86399999],
      { kind: 'time', precision: 3 },
      [{ time: 86399999000000n }],
    ],
    [
      'FLOAT16',
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } },
      [1.5, -0, 2 ** -24, 65504],
      { kind: 'float32' },
      [1.5, -0, 2 ** -24, 65504],
    ],
    [
      'BYTES(3)',
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 },
      [Uint8Array.of(0, 1, 0)],
      { kind: 'bytes' },
      [Uint8Array.of(0, 1, 0)],
    ],
    ['STRING', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, ['12.50', ''], { kind: 'text' }, ['12.50', '']],
    [
      'STRING',
      { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
      ['12.50'],
      { kind: 'decimal' },
      [{ coefficient: 125n, exponent: -1 }],
    ],
    ['BOOLEAN', { type: 'BOOLEAN' }, [true, false], { kind: 'boolean' }, [true, false]],
  ])('has %s exactly', async (native, leaf, data, type, expected) => {
    const content = fileOf(leaf, [...data, null]);
    expect((await open(content).schema()).columns).toEqual([{ name: 'a', type: native, nullable: true }]);
    expect(await valuesOf(content, native, type)).toEqual([...expected, null]);
  });

  it('has lists', async () => {
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 1 },
      { name: 'a', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'OPTIONAL', type: 'INT64' },
    ];
    const data = [[1n, null, -1n], [], null];
    const content = new Uint8Array(parquetWriteBuffer({ schema, columnData: [{ name: 'a', data }] }));
    const type: ColumnType = { kind: 'array', element: { kind: 'integer' } };
    expect(await valuesOf(content, 'LIST<INT64>', type)).toEqual(data);
    await expect(valuesOf(content, 'LIST<STRING>', type)).rejects.toMatchObject({ code: 'schema-changed' });
  });

  it('is read whole, however many row groups it has', async () => {
    const data = Array.from({ length: 2500 }, (_, index) => BigInt(index));
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 1 },
      { name: 'a', repetition_type: 'REQUIRED', type: 'INT64' },
    ];
    const content = new Uint8Array(
      parquetWriteBuffer({ schema, columnData: [{ name: 'a', data }], rowGroupSize: 300 }),
    );
    const relation = relationOver(endpoint, ['a'], { a: { kind: 'integer' } }, { a: 'INT64' });
    for (const target of [1, 3, 100]) {
      expect((await readText(open(content), relation, target)).map(([value]) => value)).toEqual(data);
    }
  });

  it('is refused when it is cut, or is none', async () => {
    const content = fileOf({ type: 'INT64' }, [1n, 2n]);
    const wrong = [
      content.subarray(0, content.length - 3),
      new TextEncoder().encode('a,b\n1,2\n'),
      new Uint8Array(content).fill(0, 4, 12),
    ];
    for (const bytes of wrong) {
      await expect(valuesOf(bytes, 'INT64', { kind: 'integer' })).rejects.toThrow();
    }
  });

  it('is refused under a contract with a type that the file cannot be read as', async () => {
    const content = fileOf({ type: 'INT64' }, [1n]);
    await expect(valuesOf(content, 'INT64', { kind: 'text' })).rejects.toMatchObject({ code: 'configuration-invalid' });
  });
});
