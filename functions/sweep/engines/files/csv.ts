import { pointerTo } from '../../../../shared/contract/names.ts';
import type { CsvForm } from '../../../../shared/equivalence/schema.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';
import type { RowWriter } from '../row-writer.ts';
import type { ByteSource, FileVersion } from './byte-source.ts';
import { CsvRows } from './csv-rows.ts';
import type { FileFormat, FileStep } from './format.ts';
import { rowsPerByte } from './sample.ts';
import { textCellWriter } from './text-type.ts';

const QUOTE = 0x22;
/** As many cells as CsvScan keeps. */
const MAXIMUM_COLUMNS = 1024;
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * CSV after RFC 4180, with a header that names the columns. A file cannot be cut: whether a line end ends a row depends on every quote before
 * it. But it can be left and taken up again between rows. Ranges are the offset of a row; 0 is the header.
 */
export function csvFormat(form: CsvForm): FileFormat {
  const delimiter = form.delimiter ?? ',';
  return {
    writer: textCellWriter,
    columns: async (source, file) => {
      const header = await readHeader(source, file, delimiter);
      const nullable = form.null !== undefined;
      return { columns: header.map((name) => ({ name, type: 'text', nullable })), sampled: false };
    },
    parts: async (source, file) => {
      const rate = await rowsPerByte(source, file, (block) => countRows(block, delimiter));
      return [{ range: 0, bytes: file.bytes, estimatedRows: Math.round(rate * file.bytes) }];
    },
    rows: (source, file, range, natives, row) => readRows(source, file, range, natives, row, delimiter, form.null),
  };
}

async function* readRows(
  source: ByteSource,
  file: FileVersion,
  range: Json,
  natives: readonly string[],
  row: RowWriter,
  delimiter: string,
  nullText: string | undefined,
): AsyncGenerator<FileStep> {
  const header = await readHeader(source, file, delimiter);
  const columns = Int32Array.from(natives, (name) => positionOf(header, name));
  const cells = new CsvCells(nullText);
  const from = typeof range === 'number' ? range : 0;
  const rows = new CsvRows(delimiter, from);
  let skip = from === 0;
  let count = 0;
  const give = (): void => {
    count = 0;
    while (rows.advance()) {
      const isHeader = skip;
      skip = false;
      // A blank line is no row, except where a row may be an empty text and nothing else.
      if (isHeader || (rows.length === 0 && header.length > 1)) continue;
      if (rows.cells !== header.length) {
        throw new Problem('payload-malformed', {
          detail: `A row that ends at byte ${rows.next} has ${rows.cells} cells, and the header ${header.length}.`,
        });
      }
      row.begin(rows.length);
      for (const column of columns) {
        if (row.dropped) break;
        cells.give(rows, column, row);
      }
      if (row.end()) count += 1;
    }
  };
  for await (const block of source.read(file, from, file.bytes)) {
    rows.feed(block);
    give();
    yield { rows: count, rest: rows.next };
  }
  rows.end();
  give();
  yield { rows: count, rest: undefined };
}

function positionOf(header: readonly string[], name: string): number {
  const position = header.indexOf(name);
  if (position >= 0) return position;
  const errors = [{ code: 'schema-changed' as const, pointer: pointerTo(name), rule: 'a column of every file' }];
  throw new Problem('schema-changed', { errors });
}

/** Gives cells to a row, without the quotes that stand for one. */
class CsvCells {
  readonly #null: Uint8Array | undefined;
  #unescaped = new Uint8Array(1024);

  constructor(nullText: string | undefined) {
    this.#null = nullText === undefined ? undefined : new TextEncoder().encode(nullText);
  }

  give(rows: CsvRows, column: number, row: RowWriter): void {
    const { text } = rows;
    const start = rows.origin + (rows.starts[column] ?? 0);
    const end = rows.origin + (rows.ends[column] ?? 0);
    if (rows.quoted[column] === 0) {
      if (this.#isNull(text, start, end)) row.null();
      else row.value(text, start, end);
      return;
    }
    const quote = text.subarray(start, end).indexOf(QUOTE);
    if (quote < 0) row.value(text, start, end);
    else row.value(this.#unescaped, 0, this.#unescape(text, start, end));
  }

  #isNull(text: Uint8Array, start: number, end: number): boolean {
    if (this.#null === undefined || this.#null.length !== end - start) return false;
    for (let index = 0; index < this.#null.length; index++) {
      if (this.#null[index] !== text[start + index]) return false;
    }
    return true;
  }

  #unescape(text: Uint8Array, start: number, end: number): number {
    if (end - start > this.#unescaped.length) this.#unescaped = new Uint8Array(2 * (end - start));
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = text[at] ?? 0;
      this.#unescaped[length++] = byte;
      if (byte === QUOTE) at += 1;
    }
    return length;
  }
}

function countRows(block: Uint8Array, delimiter: string): number {
  const rows = new CsvRows(delimiter, 0);
  rows.feed(block);
  let count = 0;
  while (rows.advance()) count += 1;
  return count;
}

/** The names in the first row. */
async function readHeader(source: ByteSource, file: FileVersion, delimiter: string): Promise<readonly string[]> {
  const rows = new CsvRows(delimiter, 0);
  for await (const block of source.read(file, 0, file.bytes)) {
    rows.feed(block);
    if (rows.advance()) return headerOf(rows);
  }
  rows.end();
  rows.advance();
  return headerOf(rows);
}

function headerOf(rows: CsvRows): readonly string[] {
  if (rows.cells > MAXIMUM_COLUMNS) throw new Problem('header-invalid', { detail: 'The header has too many columns.' });
  const names = Array.from({ length: rows.cells }, (_, cell) => {
    const start = rows.origin + (rows.starts[cell] ?? 0);
    const end = rows.origin + (rows.ends[cell] ?? 0);
    return Buffer.from(rows.text.subarray(start, end)).toString('utf8').replaceAll('""', '"');
  });
  const [first = '', ...others] = names;
  const header = [first.replace(BYTE_ORDER_MARK, ''), ...others];
  if (new Set(header).size < header.length) throw new Problem('header-invalid', { detail: 'A name stands twice.' });
  return header;
}
