/** Which bytes a read asks for. */
import { refuse } from './errors.ts';
import type { Segment } from './state/schema.ts';

/** `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * RFC 9110 section 14. Undefined means the whole object: also for a header that is no single byte range, which S3, like any
 * server, may ignore. Throws 416.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), size);
    if (length === 0) throw refuse.invalidRange(size);
    return { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw refuse.invalidRange(size);
  return { start, end };
}

/** The bytes of one part of a multipart upload; an object that was put whole has one part. */
export function partRange(segments: readonly Segment[], number: number): ByteRange & { readonly segment: Segment } {
  let start = 0;
  for (const segment of segments) {
    if (segment.part === number) return { start, end: start + segment.size, segment };
    start += segment.size;
  }
  throw refuse.invalidPartNumber();
}

export const contentRange = (range: ByteRange, size: number): Record<string, string> =>
  range.end > range.start ? { 'content-range': `bytes ${range.start}-${range.end - 1}/${size}` } : {};
