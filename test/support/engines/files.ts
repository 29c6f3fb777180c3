/** Files of every format in a temporary folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDisk } from '../../../functions/sweep/engines/files/disk.ts';
import { openFiles } from '../../../functions/sweep/engines/files/engine.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { EndpointOf } from '../../../shared/equivalence/schema.ts';
import type { EngineHarness, LogicalTable, LogicalValue } from './harness.ts';
import { parquetNativeType, parquetOf } from './parquet.ts';
import { hyphenated, isDecimal, printDecimal, printJson, printValue } from './print.ts';

type Format = EndpointOf<'files'>['format'];

/** Rows are spread over `parts` files. */
export async function fileHarness(format: Format, parts = 1): Promise<EngineHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-files-'));
  return {
    keyless: true,
    absences: format === 'json' || format === 'ndjson',
    keyed: () => false,
    nativeType: (type) => nativeType(format, type),
    holds: (type, value) => holds(format, type, value),
    create: async (table) => {
      const path = join(folder, Buffer.from(table.name).toString('hex').slice(0, 60));
      await rm(path, { recursive: true, force: true });
      await mkdir(path, { recursive: true });
      const size = Math.max(1, Math.ceil(table.rows.length / parts));
      for (let part = 0; part < parts; part++) {
        const rows = table.rows.slice(part * size, (part + 1) * size);
        await writeFile(join(path, `part-${part}.${format}`), contentOf(format, { ...table, rows }));
      }
      const endpoint: EndpointOf<'files'> = {
        engine: 'files',
        connection: 'disk',
        consistency: 'frozen',
        location: { path },
        format,
        ...(format === 'csv' ? { csv: { null: '' } } : {}),
      };
      return {
        endpoint,
        open: async (share) => openFiles(endpoint, await openDisk(path), share === undefined ? {} : { share }),
      };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function nativeType(format: Format, type: ColumnType): string | undefined {
  if (format === 'parquet') return parquetNativeType(type);
  const nested = type.kind === 'array' || type.kind === 'set' || type.kind === 'map';
  // Texts hold bytes only in a spelling that the contract declares.
  if (type.kind === 'bytes') return undefined;
  if (format === 'csv') return nested ? undefined : 'text';
  if (nested) return type.kind === 'map' ? 'object' : 'array';
  if (type.kind === 'boolean') return 'boolean';
  return type.kind === 'integer' || type.kind === 'decimal' ? 'number' : 'string';
}

function holds(format: Format, type: ColumnType, value: CanonicalValue): boolean {
  if (format === 'parquet') return parquetNativeType(type) !== undefined && parquetHolds(type, value);
  if (format === 'csv') return true;
  // JSON numbers have no NaN.
  return !(typeof value === 'object' && 'special' in value);
}

function parquetHolds(type: ColumnType, value: CanonicalValue): boolean {
  if (typeof value !== 'object' || value instanceof Uint8Array) {
    return type.kind !== 'integer' || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value);
  }
  if ('special' in value) return false;
  if ('coefficient' in value) return value.exponent >= -8 && printDecimal(value).length < 36;
  if ('date' in value) return typeof value.date === 'object' && value.date.day > 0 && value.date.year < 200_000;
  if ('instant' in value) return typeof value.instant === 'bigint';
  if ('time' in value) return value.time >= 0n && value.time < 86_400_000_000_000n;
  if ('datetime' in value) return typeof value.datetime === 'object' && value.datetime.day > 0;
  return true;
}

function contentOf(format: Format, table: LogicalTable): string | Uint8Array {
  const names = table.columns.map(({ name }) => name);
  switch (format) {
    case 'csv':
      return [names.map(quoted), ...table.rows.map((row) => row.map(cell))]
        .map((cells) => `${cells.join(',')}\r\n`)
        .join('');
    case 'ndjson':
      return table.rows.map((row) => `${documentOf(table, row)}\n`).join('') || '\n';
    case 'json':
      return `[\n${table.rows.map((row) => documentOf(table, row)).join(',\n')}\n]`;
    case 'parquet':
      return parquetOf(table);
  }
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

function cell(value: LogicalValue): string {
  if (value === null || value === undefined) return '';
  const text = textOf(value);
  return text === '' || /[",\r\n]/.test(text) ? quoted(text) : text;
}

const textOf = (value: CanonicalValue): string => (value instanceof Uint8Array ? hyphenated(value) : printValue(value));

function documentOf(table: LogicalTable, row: readonly LogicalValue[]): string {
  const members = table.columns.flatMap(({ name, type }, index) => {
    const value = row[index];
    return value === undefined ? [] : [`${JSON.stringify(name)}: ${memberOf(type, value)}`];
  });
  return `{${members.join(', ')}}`;
}

function memberOf(type: ColumnType, value: CanonicalValue | null): string {
  if (value === null) return 'null';
  if ('element' in type) {
    if (value instanceof Map) {
      return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}: ${memberOf(type.element, item)}`).join(',')}}`;
    }
    if (Array.isArray(value))
      return `[${value.map((item: CanonicalValue | null) => memberOf(type.element, item)).join(',')}]`;
  }
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && isDecimal(value)) return printDecimal(value);
  if (typeof value === 'object' && 'json' in value) return JSON.stringify(printJson(value.json));
  return JSON.stringify(textOf(value));
}
