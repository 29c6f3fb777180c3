import type { CompiledContract } from '../../contract/compiled.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { Held } from '../held.ts';
import type { ReadLimits, ReadRecord, RecordReader } from '../records.ts';
import { rejected, tooLarge } from '../rejected.ts';
import { type Columns, columnsOf } from './header.ts';
import { CsvScan } from './scan.ts';

/**
 * CSV after RFC 4180, with a header. A row of another number of cells is a fault of that record; a blank line is no
 * record. A payload that ends in the last row's last cell cannot be told from a whole one (the line end after the last
 * row is optional there): the payload digest tells.
 */
export class CsvReader implements RecordReader {
  readonly #contract: CompiledContract;
  readonly #limits: ReadLimits;
  readonly #held: Held;
  readonly #scan = new CsvScan();
  readonly #texts: (string | undefined)[];
  #columns: Columns | undefined;
  #wrongCount: readonly FieldProblem[] = [];
  #records = 0;
  /** Where the row that is being read begins in the payload. */
  #start = 0;
  #next = 0;

  constructor(contract: CompiledContract, limits: ReadLimits) {
    this.#contract = contract;
    this.#limits = limits;
    // The line end is held with the row.
    this.#held = new Held(limits.maxRecordBytes + 2);
    this.#texts = contract.fields.map(() => undefined);
    this.#scan.reset();
  }

  push(block: Buffer, offset: number): ReadRecord[] {
    const records: ReadRecord[] = [];
    let from = 0;
    if (!this.#held.open) this.#start = offset;
    for (;;) {
      const end = this.#scan.scan(block, from, offset + from - this.#start, offset);
      if (end < 0) break;
      if (this.#held.open) this.#row(records, this.#held.take(block.subarray(from, end)), 0);
      else this.#row(records, block, from);
      from = end;
      this.#start = offset + from;
      this.#scan.reset();
    }
    if (from < block.length) this.#held.keep(block.subarray(from));
    this.#next = offset + block.length;
    return records;
  }

  end(): ReadRecord[] {
    const records: ReadRecord[] = [];
    if (!this.#held.open) return records;
    if (this.#scan.insideQuotes) throw truncated(this.#records);
    this.#scan.finish(this.#next - this.#start);
    // The last row has no line end: with fewer cells than the header it is the rest of one.
    if (this.#columns !== undefined && this.#scan.length > 0 && this.#scan.cells < this.#columns.length) {
      throw truncated(this.#records);
    }
    this.#row(records, this.#held.take(Buffer.alloc(0)), 0);
    return records;
  }

  /** `bytes` is undefined when the row was too large to hold. */
  #row(records: ReadRecord[], bytes: Buffer | undefined, from: number): void {
    const { maxRecordBytes } = this.#limits;
    const { cells, length } = this.#scan;
    const columns = this.#columns;
    const isTooLarge = bytes === undefined || length > maxRecordBytes;
    if (columns === undefined) {
      if (isTooLarge) throw new Problem('header-invalid', { detail: `The header exceeds ${maxRecordBytes} bytes.` });
      this.#header(this.#cells(bytes, from));
      return;
    }
    // With a single column a blank line is a row whose cell is empty.
    if (length === 0 && columns.length > 1) return;

    this.#records += 1;
    const range = { start: this.#start, end: this.#start + length };
    if (isTooLarge) {
      records.push(tooLarge(this.#records, range, maxRecordBytes));
      return;
    }
    if (cells !== columns.length) {
      records.push(rejected(this.#records, range, this.#wrongCount, bytes.subarray(from, from + length)));
      return;
    }
    const row = this.#cells(bytes, from);
    for (let cell = 0; cell < columns.length; cell += 1) this.#texts[columns[cell] ?? 0] = row[cell];
    const { value, errors } = this.#contract.validateTexts(this.#texts);
    if (errors === undefined) records.push({ record: this.#records, range, value });
    else records.push(rejected(this.#records, range, errors, bytes.subarray(from, from + length)));
  }

  #header(cells: readonly string[]): void {
    this.#columns = columnsOf(cells, this.#contract);
    this.#wrongCount = [{ code: 'record-malformed', pointer: '', rule: `${cells.length} cells` }];
  }

  #cells(bytes: Buffer, from: number): string[] {
    const { starts, ends, quoted, length } = this.#scan;
    const count = Math.min(this.#scan.cells, starts.length);
    const row = bytes.toString('utf8', from, from + length);
    // As many units as bytes: all ASCII, so that offsets into the bytes are offsets into the text.
    const isAscii = row.length === length;
    const cells: string[] = [];
    for (let cell = 0; cell < count; cell += 1) {
      const start = starts[cell] ?? 0;
      const end = ends[cell] ?? 0;
      const text = isAscii ? row.slice(start, end) : bytes.toString('utf8', from + start, from + end);
      cells.push(quoted[cell] === 1 ? unquoted(text) : text);
    }
    return cells;
  }
}

/**
 * Two quotes stand for one. A line end inside quotes becomes LF, as XML 1.0 section 2.11 has it for every text: a file
 * whose line ends were converted on the way still holds the same values.
 */
function unquoted(text: string): string {
  const unescaped = text.includes('"') ? text.replaceAll('""', '"') : text;
  return unescaped.includes('\r\n') ? unescaped.replaceAll('\r\n', '\n') : unescaped;
}

const truncated = (records: number): Problem =>
  new Problem('payload-truncated', { detail: `After record ${records}.` });
