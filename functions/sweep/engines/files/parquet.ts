import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import * as z from 'zod/mini';
import { pointerTo } from '../../../../shared/contract/names.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';
import type { RowWriter } from '../row-writer.ts';
import { type ByteSource, type FileVersion, readStretch } from './byte-source.ts';
import type { FileFormat, FileStep } from './format.ts';
import { parquetListWriter, parquetPutter } from './parquet-list.ts';
import { parquetType, parquetTypeName } from './parquet-type.ts';

/** Row groups, from the first to before the last. */
const Range = z.tuple([z.int().check(z.nonnegative()), z.int().check(z.nonnegative())]);

/**
 * Parquet, by hyparquet: flat columns and lists, of every type but the geographic ones. A file is cut between its row groups, and memory is that
 * of one row group's columns; writers make them of some 100,000 rows. Ranges are `[first, end]`, in row groups.
 */
export const parquetFormat: FileFormat = {
  columns: async (source, file) => {
    const { schema } = await open(source, file);
    const columns = schema.children.map((node) => ({
      name: node.element.name,
      type: parquetTypeName(node),
      nullable: node.element.repetition_type !== 'REQUIRED',
    }));
    return { columns, sampled: false };
  },
  parts: async (source, file) => {
    const { metadata } = await open(source, file);
    return metadata.row_groups.map((group, index) => ({
      range: [index, index + 1],
      bytes: Number(group.total_byte_size),
      estimatedRows: Number(group.num_rows),
    }));
  },
  rows: readRows,
  writer: (native = 'STRING', declared, notes) => {
    const write = parquetType(native)?.writer(declared, notes) ?? parquetListWriter(native, declared, notes);
    return write ?? notes.refuse('field-type', `a type that can be read, not ${native}`);
  },
};

interface Opened {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly schema: ReturnType<typeof parquetSchema>;
}

async function open(source: ByteSource, file: FileVersion): Promise<Opened> {
  const buffer: AsyncBuffer = {
    byteLength: file.bytes,
    slice: async (start, end = file.bytes) => (await readStretch(source, file, start, end)).buffer,
  };
  const metadata = await reading(() => parquetMetadataAsync(buffer, { geoparquet: false }));
  return { buffer, metadata, schema: parquetSchema(metadata) };
}

/** The same columns without what the library would convert them by: values come as the file has them. */
function raw(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (element.type === undefined) return element;
    const { converted_type: _converted, logical_type: _logical, ...plain } = element;
    return plain;
  });
  return { ...metadata, schema };
}

async function* readRows(
  source: ByteSource,
  file: FileVersion,
  range: Json,
  natives: readonly string[],
  row: RowWriter,
): AsyncGenerator<FileStep> {
  const { buffer, metadata, schema } = await open(source, file);
  const [first, end] = Range.parse(range);
  const names = [...new Set(natives)];
  const types = new Map(schema.children.map((node) => [node.element.name, parquetTypeName(node)]));
  const puts = natives.map((name) => parquetPutter(types.get(name)) ?? changed(name));
  const slots = natives.map((name) => names.indexOf(name));
  const scan = await parquetScan({
    file: buffer,
    metadata: raw(metadata),
    columns: names,
    utf8: false,
    geoparquet: false,
    compressors,
    parsers: { timestampFromNanoseconds: (nanoseconds: bigint) => nanoseconds },
  });
  let groupStart = metadata.row_groups.slice(0, first).reduce((sum, group) => sum + Number(group.num_rows), 0);
  for (let index = first; index < end; index++) {
    const rows = Number(metadata.row_groups[index]?.num_rows ?? 0);
    const columns: ArrayLike<unknown>[] = [];
    for (const name of names) {
      const column = await reading(() =>
        scan.readColumn({ column: name, rowStart: groupStart, rowEnd: groupStart + rows }),
      );
      // A column that is shorter would leave rows out, or make NULLs of what was not read.
      if (column.length !== rows) throw malformed();
      columns.push(column);
    }
    let count = 0;
    for (let at = 0; at < rows; at++) {
      row.beginLoose();
      for (let slot = 0; slot < slots.length && !row.dropped; slot++) {
        const value = columns[slots[slot] ?? 0]?.[at];
        if (value === null || value === undefined) row.null();
        else puts[slot]?.(value, row);
      }
      if (row.end()) count += 1;
    }
    groupStart += rows;
    yield { rows: count, rest: index + 1 < end ? [index + 1, end] : undefined };
  }
}

/** The library's own errors quote what they read. */
async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof Problem ? error : malformed();
  }
}

const malformed = (): Problem => new Problem('payload-malformed', { detail: 'A Parquet file cannot be read.' });

function changed(name: string): never {
  const errors = [{ code: 'schema-changed' as const, pointer: pointerTo(name), rule: 'a column of every file' }];
  throw new Problem('schema-changed', { errors });
}
