// Tuples of COPY BINARY into canonical rows.
import { boolean, bytes, date, datetime, float, instant, integer, numeric, RARE, text, time, uuid } from './fields';

// What the program says of a column: an operation (u8), its precision (u8), flags (u8), an unused byte, and a u32, the step in
// microseconds or the greatest scale. Operation 0 is always left to the host.
const ENTRY: usize = 8;
const TRIMS: u8 = 1;
const NORMALIZES: u8 = 2;
/** NULL is left to the host as well. */
const NULL_IS_RARE: u8 = 4;

// Tags that the operations do not fix themselves.
const TEXT: u8 = 0x20;
const BYTES: u8 = 0x21;
const NULL: u16 = 0x0002;

/** Bytes that the fields of a tuple may take: see `rowBound` in shared/canonical/postgres/tuple.ts. */
const BOUND_FACTOR: usize = 8;
const BOUND_PER_FIELD: usize = 24;

// What a call begins with and leaves behind, u32 each: where to read on, where to write on, how many rows are complete, in which column
// of the tuple in hand (0: at its start), and where that row's key ends.
const SOURCE: usize = 0;
const TARGET: usize = 4;
const ROWS: usize = 8;
const COLUMN: usize = 12;
const KEY_END: usize = 16;

// Why a call returns.
/** What is left of the source is no whole tuple. */
const STARVED: u32 = 0;
/** No more rows, or not enough room for the next one. */
const FULL: u32 = 1;
/** The field at SOURCE, in COLUMN, has to be written by the host at TARGET. */
const FIELD: u32 = 2;
/** The end of the data, or a tuple with another number of fields. */
const END: u32 = 3;

/** Bytes of the tuple at `source` with its count of fields; 0 when it does not end before `end`. */
function tupleBytes(source: usize, end: usize, columns: usize): usize {
  let at = source + 2;
  for (let column: usize = 0; column < columns; column++) {
    if (at + 4 > end) return 0;
    const length = <i32>bswap(load<u32>(at));
    at += 4 + (length > 0 ? <usize>length : 0);
  }
  return at > end ? 0 : at - source;
}

function field(entry: usize, source: usize, length: usize, at: usize): usize {
  const precision = load<u8>(entry, 1);
  const flags = load<u8>(entry, 2);
  const trims = (flags & TRIMS) !== 0;
  const normalizes = (flags & NORMALIZES) !== 0;
  const number = load<u32>(entry, 4);
  switch (load<u8>(entry)) {
    case 1:
      return integer(source, length, at);
    case 2:
      return numeric(source, length, at, number);
    case 3:
      return float(source, length, at, 4);
    case 4:
      return float(source, length, at, 8);
    case 5:
      return boolean(source, length, at);
    case 6:
      return text(source, length, at, TEXT, trims, normalizes);
    case 7:
      return bytes(source, length, at, BYTES, trims);
    case 8:
      return uuid(source, length, at);
    case 9:
      return instant(source, length, at, precision, <i64>number);
    case 10:
      return date(source, length, at);
    case 11:
      return time(source, length, at, precision, <i64>number);
    case 12:
      return datetime(source, length, at, precision, <i64>number);
    default:
      return RARE;
  }
}

/**
 * Writes rows until one of the reasons above. `end` is where the source ends, `targetEnd` where the target does; `start` is where the
 * batch began: `ends` and `keyEnds` (u32 each) are counted from there. A field that the host has written is taken as done: it has
 * moved SOURCE, TARGET and COLUMN on.
 */
export function writeTuples(
  program: usize,
  columns: usize,
  keyColumns: usize,
  cursor: usize,
  end: usize,
  start: usize,
  targetEnd: usize,
  ends: usize,
  keyEnds: usize,
  maximumRows: u32,
): u32 {
  let source: usize = load<u32>(cursor, SOURCE);
  let at: usize = load<u32>(cursor, TARGET);
  let rows = load<u32>(cursor, ROWS);
  let column: usize = load<u32>(cursor, COLUMN);
  let keyEnd: usize = load<u32>(cursor, KEY_END);
  let reason = STARVED;
  for (;;) {
    if (column === 0) {
      if (source + 2 > end) break;
      if (<usize>bswap(load<u16>(source)) !== columns) {
        reason = END;
        break;
      }
      const size = tupleBytes(source, end, columns);
      if (size === 0) break;
      if (rows === maximumRows || at + size * BOUND_FACTOR + columns * BOUND_PER_FIELD > targetEnd) {
        reason = FULL;
        break;
      }
      source += 2;
      keyEnd = at;
    }
    for (; column < columns; column++) {
      const entry = program + column * ENTRY;
      const length = <i32>bswap(load<u32>(source));
      if (length < 0) {
        if ((load<u8>(entry, 2) & NULL_IS_RARE) !== 0) {
          reason = FIELD;
          break;
        }
        store<u16>(at, NULL);
        at += 2;
        source += 4;
      } else {
        const next = field(entry, source + 4, <usize>length, at);
        if (next === RARE) {
          reason = FIELD;
          break;
        }
        at = next;
        source += 4 + <usize>length;
      }
      if (column + 1 === keyColumns) keyEnd = at;
    }
    if (reason === FIELD) break;
    store<u32>(ends + <usize>rows * 4, <u32>(at - start));
    store<u32>(keyEnds + <usize>rows * 4, <u32>(keyEnd - start));
    rows++;
    column = 0;
  }
  store<u32>(cursor, <u32>source, SOURCE);
  store<u32>(cursor, <u32>at, TARGET);
  store<u32>(cursor, rows, ROWS);
  store<u32>(cursor, <u32>column, COLUMN);
  store<u32>(cursor, <u32>keyEnd, KEY_END);
  return reason;
}
