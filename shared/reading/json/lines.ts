import { NOT_AN_OBJECT } from '../../contract/compile.ts';
import type { CompiledContract, Validation } from '../../contract/compiled.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { Held } from '../held.ts';
import type { ReadLimits, ReadRecord, RecordReader } from '../records.ts';
import { rejected, tooLarge } from '../rejected.ts';
import { judgeJson } from './judge.ts';
import { JsonScan } from './scan.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const OPEN_OBJECT = 0x7b;
const NOT_JSON: FieldProblem = Object.freeze({ code: 'record-malformed', pointer: '', rule: 'JSON' });

/**
 * NDJSON: a line is a record. A line's fault stays its own, except that a last line which has no end and is no JSON is
 * a file cut off. (A file cut off at the end of a line cannot be told from a shorter one: the payload digest tells.)
 */
export class NdjsonReader implements RecordReader {
  readonly #contract: CompiledContract;
  readonly #limits: ReadLimits;
  readonly #held: Held;
  readonly #scan = new JsonScan();
  #records = 0;
  /** Where the line that is being read begins in the payload. */
  #start = 0;
  #next = 0;

  constructor(contract: CompiledContract, limits: ReadLimits) {
    this.#contract = contract;
    this.#limits = limits;
    // One byte more may be the CR of a line that ends in CR LF.
    this.#held = new Held(limits.maxRecordBytes + 1);
  }

  push(block: Buffer, offset: number): ReadRecord[] {
    const records: ReadRecord[] = [];
    let from = 0;
    if (!this.#held.open) this.#start = offset;
    for (;;) {
      const end = block.indexOf(LINE_FEED, from);
      if (end < 0) break;
      const line = this.#held.open ? this.#held.take(block.subarray(from, end)) : undefined;
      if (line !== undefined) this.#line(records, line, 0, line.length, true);
      else if (this.#start < offset + from) this.#oversize(records, offset + end);
      else this.#line(records, block, from, end, true);
      from = end + 1;
      this.#start = offset + from;
    }
    if (from < block.length) this.#held.keep(block.subarray(from));
    this.#next = offset + block.length;
    return records;
  }

  end(): ReadRecord[] {
    const records: ReadRecord[] = [];
    if (!this.#held.open) return records;
    const line = this.#held.take(Buffer.alloc(0));
    if (line === undefined) this.#oversize(records, this.#next);
    else this.#line(records, line, 0, line.length, false);
    return records;
  }

  #line(records: ReadRecord[], bytes: Buffer, from: number, to: number, ended: boolean): void {
    const { maxRecordBytes, maxDepth } = this.#limits;
    const end = to > from && bytes[to - 1] === CARRIAGE_RETURN ? to - 1 : to;
    if (end - from > maxRecordBytes) {
      this.#oversize(records, this.#start + to - from);
      return;
    }
    let first = from;
    while (first < end && isSpace(bytes[first] ?? 0)) first += 1;
    if (first === end) return;

    this.#records += 1;
    const range = { start: this.#start, end: this.#start + end - from };
    const validation = this.#judge(bytes, from, first, end, maxDepth);
    if (validation === undefined && !ended) {
      throw new Problem('payload-truncated', { detail: `In record ${this.#records}.` });
    }
    if (validation?.value !== undefined) {
      records.push({ record: this.#records, range, value: validation.value });
      return;
    }
    records.push(rejected(this.#records, range, validation?.errors ?? [NOT_JSON], bytes.subarray(from, end)));
  }

  #judge(bytes: Buffer, from: number, first: number, end: number, maxDepth: number): Validation | undefined {
    if (bytes[first] !== OPEN_OBJECT) return { errors: [NOT_AN_OBJECT] };
    const scan = this.#scan;
    scan.reset();
    const closed = scan.scan(bytes, first, end) >= 0;
    if (!closed && scan.deepest <= maxDepth) return undefined;
    return judgeJson(bytes.toString('utf8', from, end), scan, this.#contract, maxDepth);
  }

  #oversize(records: ReadRecord[], end: number): void {
    this.#records += 1;
    records.push(tooLarge(this.#records, { start: this.#start, end }, this.#limits.maxRecordBytes));
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN;
