import type { CompiledContract, Validation } from '../../contract/compiled.ts';
import { Problem } from '../../problem.ts';
import { Held } from '../held.ts';
import type { ReadLimits, ReadRecord, RecordReader } from '../records.ts';
import { rejected, tooLarge } from '../rejected.ts';
import { XmlFrame } from './frame.ts';
import { XmlRecords } from './record.ts';
import { XmlScan } from './scan.ts';

const LESS = Buffer.from('<');

/**
 * XML: one root element with the records in it. What is not well-formed refuses the payload. A record that is too large
 * or nests too deep never reaches the parser.
 */
export class XmlReader implements RecordReader {
  readonly #limits: ReadLimits;
  readonly #held: Held;
  readonly #frame: XmlFrame;
  readonly #scan = new XmlScan();
  readonly #read: XmlRecords;
  #inRecord = false;
  #records = 0;
  #start = 0;

  constructor(contract: CompiledContract, limits: ReadLimits) {
    this.#limits = limits;
    this.#held = new Held(limits.maxRecordBytes);
    this.#frame = new XmlFrame(contract.contract.submission.xml.root);
    this.#read = new XmlRecords(contract);
  }

  push(block: Buffer, offset: number): ReadRecord[] {
    const records: ReadRecord[] = [];
    let index = 0;
    let from = 0;
    while (index < block.length) {
      if (!this.#inRecord) {
        if (this.#frame.take(block[index] ?? 0, offset + index)) {
          from = this.#begin(index, offset);
          index = from;
        } else index += 1;
        continue;
      }
      const end = this.#scan.scan(block, index, offset);
      if (end < 0) break;
      this.#record(records, block, from, end, offset);
      index = end;
      from = end;
    }
    if (this.#inRecord) this.#held.keep(block.subarray(from));
    return records;
  }

  end(): ReadRecord[] {
    if (!this.#inRecord && (this.#frame.complete || this.#frame.untouched)) return [];
    throw new Problem('payload-truncated', { detail: `After record ${this.#records}.` });
  }

  /** A record's `<` stands before `index`; where it was the last byte of the block before, it is put back. */
  #begin(index: number, offset: number): number {
    this.#inRecord = true;
    this.#start = offset + index - 1;
    this.#scan.reset();
    if (index > 0) return index - 1;
    this.#held.keep(LESS);
    this.#scan.scan(LESS, 0, this.#start);
    return 0;
  }

  #record(records: ReadRecord[], block: Buffer, from: number, end: number, offset: number): void {
    const { maxRecordBytes, maxDepth } = this.#limits;
    const range = { start: this.#start, end: offset + end };
    this.#inRecord = false;
    this.#records += 1;
    const record = this.#records;
    if (range.end - range.start > maxRecordBytes) {
      this.#held.take(Buffer.alloc(0));
      records.push(tooLarge(record, range, maxRecordBytes));
      return;
    }
    const last = block.subarray(from, end);
    const bytes = this.#held.open ? (this.#held.take(last) ?? last) : last;
    const validation: Validation =
      this.#scan.deepest > maxDepth
        ? { errors: [{ code: 'record-too-deep', pointer: '', rule: `maxDepth ${maxDepth}` }] }
        : this.#read.read(bytes.toString('utf8'), record);
    if (validation.value !== undefined) records.push({ record, range, value: validation.value });
    else records.push(rejected(record, range, validation.errors, bytes));
  }
}
