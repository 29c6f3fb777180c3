import { isUtf8 } from 'node:buffer';
import type { MediaType } from '../contract/schema.ts';
import { Problem } from '../problem.ts';
import { BEGINNING_BYTES, checkBeginning } from './beginning.ts';
import type { ReadLimits } from './records.ts';

export interface Block {
  readonly bytes: Buffer;
  /** Where the block begins in the payload. */
  readonly offset: number;
}

/**
 * Cuts a payload into blocks of `blockBytes` to twice as many, whatever the sizes in which it arrives; each is checked to be valid
 * UTF-8 (RFC 3629: no overlong form, no surrogate) and ends between two characters. The byte-order mark is left out.
 * Throws payload-too-large, payload-encoding, payload-truncated (the last character is cut), media-type-unsupported.
 */
export async function* blocksOf(
  source: AsyncIterable<Uint8Array>,
  mediaType: MediaType,
  limits: Pick<ReadLimits, 'maxPayloadBytes' | 'blockBytes'>,
): AsyncGenerator<Block> {
  // A character takes up to four bytes: a smaller block might hold none.
  const blockBytes = Math.max(limits.blockBytes, BEGINNING_BYTES);
  let pieces: Buffer[] = [];
  let held = 0;
  let received = 0;
  let offset = 0;

  for await (const chunk of source) {
    received += chunk.length;
    if (received > limits.maxPayloadBytes) {
      throw new Problem('payload-too-large', { detail: `At most ${limits.maxPayloadBytes} bytes.` });
    }
    pieces.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    held += chunk.length;
    if (held < blockBytes) continue;

    let rest = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    while (rest.length >= blockBytes) {
      // What is left over would have to be copied together with the next chunk: rather a longer block.
      const end = lastBoundary(rest, rest.length < 2 * blockBytes ? rest.length : blockBytes);
      const from = offset === 0 ? checkBeginning(rest.subarray(0, BEGINNING_BYTES), mediaType) : 0;
      yield { bytes: checked(rest.subarray(from, end), offset), offset: offset + from };
      offset += end;
      rest = rest.subarray(end);
    }
    pieces = rest.length > 0 ? [rest] : [];
    held = rest.length;
  }

  const last = Buffer.concat(pieces);
  if (last.length === 0) return;
  const end = lastBoundary(last, last.length);
  const from = offset === 0 ? checkBeginning(last.subarray(0, BEGINNING_BYTES), mediaType) : 0;
  yield { bytes: checked(last.subarray(from, end), offset), offset: offset + from };
  if (end < last.length) throw new Problem('payload-truncated', { detail: 'The last character is cut.' });
}

function checked(bytes: Buffer, offset: number): Buffer {
  if (isUtf8(bytes)) return bytes;
  throw new Problem('payload-encoding', { detail: `Between byte ${offset} and byte ${offset + bytes.length}.` });
}

/** The greatest length up to `length` at which no character is cut; bytes that are no character are left for the check. */
function lastBoundary(bytes: Buffer, length: number): number {
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const size =
      byte >= 0xc2 && byte <= 0xdf ? 2 : byte >= 0xe0 && byte <= 0xef ? 3 : byte >= 0xf0 && byte <= 0xf4 ? 4 : 1;
    return size > back ? length - back : length;
  }
  return length;
}
