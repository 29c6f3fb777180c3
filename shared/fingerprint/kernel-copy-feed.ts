import { headerBytes, truncated, tupleBytes } from '../canonical/postgres/copy-format.ts';
import { kernelProgram } from '../canonical/postgres/program.ts';
import { int32 } from '../canonical/postgres/read.ts';
import { rowBound } from '../canonical/postgres/tuple.ts';
import type { FieldWriter } from '../canonical/writer.ts';
import type { CopyColumns, CopyFeed } from './copy-feed.ts';
import { copyWriters } from './copy-writers.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { KernelBatch } from './kernel-batch.ts';
import { BATCH_ROWS } from './row-batch.ts';

/** Why `writeTuples` returns, and the words that it leaves; see assembly/tuples.ts. */
const REASON = { starved: 0, full: 1, field: 2, end: 3 } as const;
const WORD = { source: 0, target: 1, rows: 2, column: 3, keyEnd: 4 } as const;
const WORDS = 5;
/** The words of `takeMessages`; see assembly/messages.ts. */
const MESSAGE = { source: 0, target: 1, left: 2 } as const;
const MESSAGE_WORDS = 3;

/** First size of the memory for what was fetched and not yet written; it grows to the longest tuple. */
const SOURCE_BYTES = 256 * 1024;
/** First size of the memory for messages: what a socket gives at once, and the beginning of a header. */
const MESSAGE_BYTES = 64 * 1024 + 4;
/** A rest that is cheaper to move than to leave. */
const SHORT_REST = 4096;
/** `copy` in assembly/fields.ts reads so far past a value's end. */
const READ_BEYOND = 16;

/** In the kernel, thousands of rows a call. Values that are rare come back to the host, and are written as in the portable feed. */
export class KernelCopyFeed implements CopyFeed {
  rows = 0;
  readonly #table: CopyColumns;
  readonly #writers: readonly FieldWriter[];
  readonly #batch: KernelBatch;
  readonly #kernel: Kernel;
  readonly #program: number;
  readonly #cursor: number;
  readonly #messageCursor: number;
  #source: number;
  #capacity = SOURCE_BYTES;
  #messages: number;
  #messagesCapacity = MESSAGE_BYTES;
  /** Bytes of a header that has not come as a whole. */
  #pending = 0;
  /** What is fetched and not yet written lies between these, counted from `#source`. */
  #from = 0;
  #to = 0;
  /** In which column of the tuple in hand the kernel goes on, and where the key of that row ends. */
  #column = 0;
  #keyEnd = 0;
  #state: 'header' | 'tuples' | 'end' = 'header';

  constructor(table: CopyColumns, rows: KernelBatch) {
    this.#table = table;
    this.#writers = copyWriters(table);
    this.#batch = rows;
    this.#kernel = rows.kernel;
    const program = kernelProgram(table.columns);
    this.#program = this.#kernel.allocate(program.length);
    this.#kernel.store(this.#program, program);
    this.#cursor = this.#kernel.allocate(WORDS * 4);
    this.#source = this.#kernel.allocate(SOURCE_BYTES + READ_BEYOND);
    this.#messageCursor = this.#kernel.allocate(MESSAGE_WORDS * 4);
    this.#messages = this.#kernel.allocate(MESSAGE_BYTES + READ_BEYOND);
    rows.refresh();
  }

  push(piece: Uint8Array): void {
    this.#makeSpace(piece.length);
    this.#kernel.store(this.#source + this.#to, piece);
    this.#to += piece.length;
    this.#writeAll();
  }

  pushMessages(bytes: Uint8Array): number {
    const pending = this.#pending;
    const length = pending + bytes.length;
    this.#makeSpace(length);
    if (length > this.#messagesCapacity) this.#enlargeMessages(length);
    this.#kernel.store(this.#messages + pending, bytes);
    const cursor = this.#kernel.words(this.#messageCursor, MESSAGE_WORDS);
    cursor[MESSAGE.source] = this.#messages;
    cursor[MESSAGE.target] = this.#source + this.#to;
    const other = this.#kernel.call.takeMessages(this.#messageCursor, this.#messages + length) === 1;
    const read = (cursor[MESSAGE.source] ?? 0) - this.#messages;
    this.#to = (cursor[MESSAGE.target] ?? 0) - this.#source;
    this.#pending = other ? 0 : length - read;
    if (this.#pending > 0) this.#kernel.move(this.#messages + read, this.#messages, this.#pending);
    this.#writeAll();
    return other ? read - pending : bytes.length;
  }

  restart(): void {
    this.#kernel.words(this.#messageCursor, MESSAGE_WORDS).fill(0);
    this.#pending = 0;
    this.#from = 0;
    this.#to = 0;
    this.#state = 'header';
  }

  #writeAll(): void {
    if (this.#state === 'header') {
      const header = headerBytes(this.#kernel.bytes(this.#source, this.#to));
      if (header === undefined) return;
      this.#from = header;
      this.#state = 'tuples';
    }
    while (this.#state === 'tuples' && this.#write()) {}
  }

  finish(): void {
    if (this.#state !== 'end') throw truncated();
  }

  /** Makes room behind what is left of the pieces before. */
  #makeSpace(bytes: number): void {
    const left = this.#to - this.#from;
    // A short rest is moved to the front at once: the same few cache lines are used again and again.
    if (left < SHORT_REST || this.#to + bytes > this.#capacity) {
      const rest = this.#source + this.#from;
      if (left + bytes > this.#capacity) {
        this.#capacity = Math.max(left + bytes, 2 * this.#capacity);
        this.#source = this.#kernel.allocate(this.#capacity + READ_BEYOND);
        this.#batch.refresh();
      }
      this.#kernel.move(rest, this.#source, left);
      this.#from = 0;
      this.#to = left;
    }
  }

  #enlargeMessages(bytes: number): void {
    const before = this.#messages;
    this.#messagesCapacity = Math.max(bytes, 2 * this.#messagesCapacity);
    this.#messages = this.#kernel.allocate(this.#messagesCapacity + READ_BEYOND);
    this.#kernel.move(before, this.#messages, this.#pending);
    this.#batch.refresh();
  }

  /** One call of the kernel; false when there is nothing more to write. */
  #write(): boolean {
    const { start, end, ends, keyEnds, count } = this.#batch.region;
    const cursor = this.#kernel.words(this.#cursor, WORDS);
    cursor[WORD.source] = this.#source + this.#from;
    cursor[WORD.target] = start + this.#batch.at;
    cursor[WORD.rows] = count;
    cursor[WORD.column] = this.#column;
    cursor[WORD.keyEnd] = start + this.#keyEnd;
    const { columns, keyColumns } = this.#table;
    const reason = this.#kernel.call.writeTuples(
      this.#program,
      columns.length,
      keyColumns,
      this.#cursor,
      this.#source + this.#to,
      start,
      end,
      ends,
      keyEnds,
      BATCH_ROWS,
    );
    this.#from = (cursor[WORD.source] ?? 0) - this.#source;
    this.#column = cursor[WORD.column] ?? 0;
    this.#keyEnd = (cursor[WORD.keyEnd] ?? 0) - start;
    const written = cursor[WORD.rows] ?? 0;
    this.rows += written - count;
    this.#batch.adopt(written, (cursor[WORD.target] ?? 0) - start);
    switch (reason) {
      case REASON.full:
        this.#makeRoom();
        return true;
      case REASON.field:
        this.#writeField();
        return true;
      case REASON.end:
        // Throws when it is no trailer either.
        if (this.#nextTuple() === 'end') this.#state = 'end';
        return false;
      default:
        return false;
    }
  }

  #makeRoom(): void {
    this.#batch.flush();
    const bytes = this.#nextTuple();
    if (bytes !== 'end') this.#batch.reserve(rowBound(bytes, this.#table.columns.length));
  }

  #nextTuple(): number | 'end' {
    const fetched = this.#kernel.bytes(this.#source, this.#to);
    return tupleBytes(fetched, this.#from, this.#to, this.#table.columns.length);
  }

  /** A value that the kernel does not write itself. */
  #writeField(): void {
    const fetched = this.#kernel.bytes(this.#source, this.#to);
    const from = this.#from + 4;
    const length = int32(fetched, this.#from);
    const end = from + length;
    const { count } = this.#batch.region;
    const at = this.#writers[this.#column]?.(fetched, from, end, this.#batch.target, this.#batch.at) ?? this.#batch.at;
    this.#batch.adopt(count, at);
    this.#from = from + Math.max(length, 0);
    this.#column += 1;
    if (this.#column === this.#table.keyColumns) this.#keyEnd = at;
  }
}
