// CopyData messages of PostgreSQL's protocol (its manual, "Message Formats"): one byte of type, four bytes of length, which count
// themselves, and the data. A table of ten million rows comes in as many messages.

const COPY_DATA: u8 = 0x64;
const HEADER: usize = 5;

// What a call begins with and leaves behind, u32 each: where to read on, where to write on, and how much of the data of the message in
// hand has not come yet.
const SOURCE: usize = 0;
const TARGET: usize = 4;
const LEFT: usize = 8;

/** Copies in steps of sixteen bytes, reading and writing up to fifteen beyond. */
function copy(source: usize, length: usize, target: usize): void {
  for (let done: usize = 0; done < length; done += 16) v128.store(target + done, v128.load(source + done));
}

/**
 * Puts the data of messages one behind the other. Stops at `end`, before a message whose header is not all there, or before one of
 * another type: then it returns true. There has to be room for as many bytes as are read.
 */
export function takeMessages(cursor: usize, end: usize): bool {
  let source: usize = load<u32>(cursor, SOURCE);
  let target: usize = load<u32>(cursor, TARGET);
  let left: usize = load<u32>(cursor, LEFT);
  let other = false;
  for (;;) {
    const here = min(left, end - source);
    copy(source, here, target);
    source += here;
    target += here;
    left -= here;
    if (left !== 0 || source === end) break;
    const length = source + HEADER > end ? 4 : bswap(load<u32>(source, 1));
    if (load<u8>(source) !== COPY_DATA || length < 4) {
      other = true;
      break;
    }
    if (source + HEADER > end) break;
    left = length - 4;
    source += HEADER;
  }
  store<u32>(cursor, <u32>source, SOURCE);
  store<u32>(cursor, <u32>target, TARGET);
  store<u32>(cursor, <u32>left, LEFT);
  return other;
}
