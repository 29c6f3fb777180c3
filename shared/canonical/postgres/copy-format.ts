import { Problem } from '../../problem.ts';
import { int16, int32 } from './read.ts';

/** The binary format of COPY (PostgreSQL's manual, page of COPY, section "Binary Format"). */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
/** In the place of a tuple's count of fields: the end of the data. */
const TRAILER = -1;
/** Flags that change the format; the others may be ignored. */
const CRITICAL_FLAGS = 0xffff_0000 | 0;

/** How many bytes the header takes; undefined while it is not all there. */
export function headerBytes(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  if (SIGNATURE.compare(bytes, 0, SIGNATURE.length) !== 0 || (int32(bytes, SIGNATURE.length) & CRITICAL_FLAGS) !== 0) {
    throw malformed();
  }
  const total = HEADER_BYTES + int32(bytes, SIGNATURE.length + 4);
  return bytes.length < total ? undefined : total;
}

/** Bytes of the tuple at `at`, with its count of fields; 0 while it is not all there, and `'end'` for the trailer. */
export function tupleBytes(bytes: Uint8Array, at: number, end: number, columns: number): number | 'end' {
  if (at + 2 > end) return 0;
  const count = int16(bytes, at);
  if (count === TRAILER) return 'end';
  if (count !== columns) throw malformed();
  let next = at + 2;
  for (let column = 0; column < columns; column++) {
    if (next + 4 > end) return 0;
    next += 4 + Math.max(int32(bytes, next), 0);
  }
  return next > end ? 0 : next - at;
}

export function malformed(): Problem {
  return new Problem('payload-malformed', { detail: 'The data of COPY are not in its binary format.' });
}

export function truncated(): Problem {
  return new Problem('payload-truncated', { detail: 'The data of COPY end before their trailer.' });
}
