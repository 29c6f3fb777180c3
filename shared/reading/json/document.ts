import type { CompiledContract } from '../../contract/compiled.ts';
import { Problem } from '../../problem.ts';
import { Held } from '../held.ts';
import type { ReadLimits, ReadRecord, RecordReader } from '../records.ts';
import { rejected, tooLarge } from '../rejected.ts';
import { judgeJson } from './judge.ts';
import { JsonScan } from './scan.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The member that may stand around the array, with room for escapes in its name. */
const WRAPPER = 'records';
const WRAPPER_BYTES = 64;

/** What may come next, outside a value. */
type Expected = 'document' | 'name' | 'colon' | 'array' | 'first' | 'element' | 'separator' | 'close' | 'nothing';
/** What is being read: nothing that holds bytes, the wrapper's name, an object, array or string, or a bare literal. */
type Reading = 'structure' | 'name' | 'value' | 'literal';

/**
 * JSON: one array of records (RFC 8259), or an object whose only member `records` is one. The frame around the records
 * is read here, byte by byte; each element is delimited, then parsed by JSON.parse. What is no JSON refuses the payload.
 */
export class JsonReader implements RecordReader {
  readonly #contract: CompiledContract;
  readonly #limits: ReadLimits;
  readonly #held: Held;
  readonly #name = new Held(WRAPPER_BYTES);
  readonly #scan = new JsonScan();
  #expected: Expected = 'document';
  #reading: Reading = 'structure';
  #wrapped = false;
  #records = 0;
  #start = 0;

  constructor(contract: CompiledContract, limits: ReadLimits) {
    this.#contract = contract;
    this.#limits = limits;
    this.#held = new Held(limits.maxRecordBytes);
  }

  push(block: Buffer, offset: number): ReadRecord[] {
    const records: ReadRecord[] = [];
    let index = 0;
    // Where the value that is being read begins in this block.
    let from = 0;
    while (index < block.length) {
      if (this.#reading === 'structure') {
        const byte = block[index] ?? 0;
        if (!isSpace(byte)) this.#structure(byte, offset + index);
        // What has begun is scanned from its first byte on.
        if (this.#reading === 'structure') index += 1;
        else from = index;
        continue;
      }
      const end =
        this.#reading === 'literal' ? endOfLiteral(block, index) : this.#scan.scan(block, index, block.length);
      if (end < 0) break;
      this.#ended(records, block, from, end, offset);
      index = end;
      from = end;
    }
    if (this.#reading === 'name') this.#name.keep(block.subarray(from));
    else if (this.#reading !== 'structure') this.#held.keep(block.subarray(from));
    return records;
  }

  end(): ReadRecord[] {
    if (this.#reading === 'structure' && (this.#expected === 'nothing' || this.#expected === 'document')) return [];
    throw new Problem('payload-truncated', { detail: `After record ${this.#records}.` });
  }

  #structure(byte: number, at: number): void {
    switch (this.#expected) {
      case 'document':
        if (byte === OPEN_ARRAY) this.#expected = 'first';
        else if (byte === OPEN_OBJECT) this.#expected = 'name';
        else throw malformed(at, 'an array of records, or an object with the member records');
        this.#wrapped = byte === OPEN_OBJECT;
        return;
      case 'name':
        if (byte !== QUOTE) throw malformed(at, `the member ${WRAPPER}`);
        this.#begin('name', at);
        return;
      case 'colon':
        if (byte !== COLON) throw malformed(at, 'a colon');
        this.#expected = 'array';
        return;
      case 'array':
        if (byte !== OPEN_ARRAY) throw malformed(at, 'an array of records');
        this.#expected = 'first';
        return;
      case 'first':
      case 'element':
        if (byte === CLOSE_ARRAY && this.#expected === 'first') this.#closeArray();
        else if (byte === COMMA || byte === COLON || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
          throw malformed(at, 'a record');
        } else this.#begin(byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === QUOTE ? 'value' : 'literal', at);
        return;
      case 'separator':
        if (byte === CLOSE_ARRAY) this.#closeArray();
        else if (byte === COMMA) this.#expected = 'element';
        else throw malformed(at, 'a comma or the end of the array');
        return;
      case 'close':
        if (byte !== CLOSE_OBJECT) throw malformed(at, `no member but ${WRAPPER}`);
        this.#expected = 'nothing';
        return;
      case 'nothing':
        throw malformed(at, 'nothing after the document');
    }
  }

  #closeArray(): void {
    this.#expected = this.#wrapped ? 'close' : 'nothing';
  }

  #begin(reading: Reading, at: number): void {
    this.#reading = reading;
    this.#start = at;
    this.#scan.reset();
  }

  #ended(records: ReadRecord[], block: Buffer, from: number, end: number, offset: number): void {
    const isName = this.#reading === 'name';
    this.#reading = 'structure';
    if (isName) {
      const name = parsed(this.#name.take(block.subarray(from, end)));
      if (name !== WRAPPER) throw malformed(this.#start, `no member but ${WRAPPER}`);
      this.#expected = 'colon';
      return;
    }
    this.#expected = 'separator';
    this.#records += 1;
    const range = { start: this.#start, end: offset + end };
    const { maxRecordBytes, maxDepth } = this.#limits;
    if (range.end - range.start > maxRecordBytes) {
      this.#held.take(Buffer.alloc(0));
      records.push(tooLarge(this.#records, range, maxRecordBytes));
      return;
    }
    const whole = this.#held.open ? this.#held.take(block.subarray(from, end)) : undefined;
    const bytes = whole ?? block;
    const first = whole === undefined ? from : 0;
    const last = whole === undefined ? end : whole.length;
    const validation = judgeJson(bytes.toString('utf8', first, last), this.#scan, this.#contract, maxDepth);
    if (validation === undefined) throw malformed(this.#start, 'JSON');
    if (validation.value !== undefined) records.push({ record: this.#records, range, value: validation.value });
    else records.push(rejected(this.#records, range, validation.errors, bytes.subarray(first, last)));
  }
}

/** A number, `true`, `false` or `null` ends before the first byte that cannot belong to one. */
function endOfLiteral(block: Buffer, from: number): number {
  for (let index = from; index < block.length; index += 1) {
    const byte = block[index] ?? 0;
    if (isSpace(byte) || byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) return index;
  }
  return -1;
}

function parsed(name: Buffer | undefined): unknown {
  try {
    return JSON.parse(name?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const malformed = (at: number, expected: string): Problem =>
  new Problem('payload-malformed', { detail: `At byte ${at}: expected ${expected}.` });
