import { Problem } from '../../../../shared/problem.ts';
import type { Json } from '../engine.ts';
import type { RowWriter } from '../row-writer.ts';
import type { ByteSource, FileVersion } from './byte-source.ts';
import type { FileFormat, FilePart, FileStep } from './format.ts';
import { JsonRows } from './json-rows.ts';
import { type Located, sampleColumns } from './json-sample.ts';
import { skipSpace } from './json-scan.ts';
import { jsonWriter } from './json-type.ts';
import { rowsPerByte } from './sample.ts';

const LINE_FEED = 0x0a;
const MAXIMUM_LINE_BYTES = 256 * 1024 * 1024;
const MARK = [0xef, 0xbb, 0xbf];
const SAMPLE_BYTES = 256 * 1024;

/**
 * NDJSON: an object a line. No line feed stands inside a JSON text except as white space, which NDJSON forbids, so that a file can be cut
 * anywhere: a range holds the lines that begin in it. Ranges are `[start, end]` in bytes.
 */
export const ndjsonFormat: FileFormat = {
  columns: async (source, file) => {
    const lines: Located[] = [];
    for await (const { block, starts, ends } of linesOf(source, file, 0, Math.min(file.bytes, SAMPLE_BYTES))) {
      lines.push(...starts.map((start, index): Located => [block, start, ends[index] ?? start]));
    }
    return { columns: sampleColumns(lines), sampled: true };
  },
  parts: async (source, file, bytes) => {
    const rate = await rowsPerByte(source, file, (block) => block.filter((byte) => byte === LINE_FEED).length);
    const count = Math.max(1, Math.ceil(file.bytes / bytes));
    return Array.from({ length: count }, (_, index): FilePart => {
      const start = Math.floor((file.bytes / count) * index);
      const end = Math.floor((file.bytes / count) * (index + 1));
      return { range: [start, end], bytes: end - start, estimatedRows: Math.round(rate * (end - start)) };
    });
  },
  rows: readRows,
  writer: jsonWriter,
};

async function* readRows(
  source: ByteSource,
  file: FileVersion,
  range: Json,
  natives: readonly string[],
  row: RowWriter,
): AsyncGenerator<FileStep> {
  const [start, end] = rangeOf(range, file);
  const rows = new JsonRows(natives);
  for await (const { block, starts, ends, next } of linesOf(source, file, start, end)) {
    let count = 0;
    for (let index = 0; index < starts.length; index++) {
      if (rows.give(block, starts[index] ?? 0, ends[index] ?? 0, row)) count += 1;
    }
    yield { rows: count, rest: next < end ? [next, end] : undefined };
  }
}

function rangeOf(range: Json, file: FileVersion): readonly [number, number] {
  const [start, end] = Array.isArray(range) ? range : [];
  if (typeof start === 'number' && typeof end === 'number') return [start, end];
  return [0, file.bytes];
}

interface Lines {
  readonly block: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Offset in the file of the next line. */
  readonly next: number;
}

/** The lines that begin from `start` on and before `end`, blank ones left out. */
async function* linesOf(source: ByteSource, file: FileVersion, start: number, end: number): AsyncGenerator<Lines> {
  // A line begins after a line feed; whether one begins at `start` itself, the byte before it says.
  const from = Math.max(0, start - 1);
  let held: Uint8Array = new Uint8Array(0);
  let base = from;
  let skip = start > 0;
  for await (const block of source.read(file, from, file.bytes)) {
    held = held.length === 0 ? block : Buffer.concat([held, block]);
    const starts: number[] = [];
    const ends: number[] = [];
    // RFC 8259, section 8.1, lets a reader ignore a byte order mark.
    let at = base === 0 && MARK.every((byte, index) => held[index] === byte) ? MARK.length : 0;
    while (base + at < end || skip) {
      const feed = held.indexOf(LINE_FEED, at);
      if (feed < 0) break;
      if (!skip && skipSpace(held, at, feed) < feed) {
        starts.push(at);
        ends.push(feed);
      }
      skip = false;
      at = feed + 1;
    }
    yield { block: held, starts, ends, next: base + at };
    if (!skip && base + at >= end) return;
    held = held.subarray(at);
    base += at;
    if (held.length > MAXIMUM_LINE_BYTES)
      throw new Problem('record-too-large', { detail: 'A line of a file has no end.' });
  }
  const last = skip || skipSpace(held, 0, held.length) === held.length ? [] : [0];
  yield { block: held, starts: last, ends: last.map(() => held.length), next: file.bytes };
}
