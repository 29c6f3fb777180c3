import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';
import type { RowWriter } from '../row-writer.ts';
import type { ByteSource, FileVersion } from './byte-source.ts';
import type { FileFormat, FileStep } from './format.ts';
import { JsonItems } from './json-items.ts';
import { JsonRows } from './json-rows.ts';
import { type Located, sampleColumns } from './json-sample.ts';
import { jsonWriter } from './json-type.ts';
import { rowsPerByte } from './sample.ts';

function countItems(block: Uint8Array): number {
  const items = new JsonItems();
  items.feed(block);
  return items.starts.length;
}

const SAMPLE_ITEMS = 100;

/** JSON: one array of objects. It is read from its beginning to its end. */
export const jsonFormat: FileFormat = {
  columns: async (source, file) => {
    const sample: Located[] = [];
    for await (const { block, starts, ends } of itemsOf(source, file)) {
      sample.push(...starts.map((start, index): Located => [block, start, ends[index] ?? start]));
      if (sample.length >= SAMPLE_ITEMS) break;
    }
    return { columns: sampleColumns(sample), sampled: true };
  },
  parts: async (source, file) => {
    const rate = await rowsPerByte(source, file, countItems);
    return [{ range: null, bytes: file.bytes, estimatedRows: Math.round(rate * file.bytes) }];
  },
  rows: readRows,
  writer: jsonWriter,
};

async function* readRows(
  source: ByteSource,
  file: FileVersion,
  _range: Json,
  natives: readonly string[],
  row: RowWriter,
): AsyncGenerator<FileStep> {
  const rows = new JsonRows(natives);
  for await (const { block, starts, ends } of itemsOf(source, file)) {
    let count = 0;
    for (let index = 0; index < starts.length; index++) {
      if (rows.give(block, starts[index] ?? 0, ends[index] ?? 0, row)) count += 1;
    }
    yield { rows: count, rest: undefined };
  }
}

interface Items {
  readonly block: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

async function* itemsOf(source: ByteSource, file: FileVersion): AsyncGenerator<Items> {
  const items = new JsonItems();
  for await (const block of source.read(file, 0, file.bytes)) {
    items.feed(block);
    yield { block: items.text, starts: items.starts, ends: items.ends };
  }
  if (!items.complete) throw new Problem('payload-truncated', { detail: 'A file ends before its array does.' });
}
