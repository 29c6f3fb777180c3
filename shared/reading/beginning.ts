/** The first bytes of a payload, held against the media type that was declared for it. */
import type { MediaType } from '../contract/schema.ts';
import { Problem } from '../problem.ts';

/** As many bytes as any of the checks looks at. */
export const BEGINNING_BYTES = 16;

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);

/** Signatures of what people send by mistake or on purpose; none of them can begin one of the four formats. */
const OTHER_FORMATS: readonly { readonly name: string; readonly signature: Buffer }[] = [
  { name: 'a zip archive (or a spreadsheet)', signature: Buffer.from('PK') },
  { name: 'gzip', signature: bytes(0x1f, 0x8b) },
  { name: 'bzip2', signature: Buffer.from('BZh') },
  { name: 'xz', signature: bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a) },
  { name: 'zstd', signature: bytes(0x28, 0xb5, 0x2f, 0xfd) },
  { name: '7z', signature: bytes(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c) },
  { name: 'an OLE document (an old spreadsheet)', signature: bytes(0xd0, 0xcf, 0x11, 0xe0) },
  { name: 'PDF', signature: Buffer.from('%PDF') },
  { name: 'PNG', signature: bytes(0x89, 0x50, 0x4e, 0x47) },
  { name: 'JPEG', signature: bytes(0xff, 0xd8, 0xff) },
  { name: 'an executable', signature: bytes(0x7f, 0x45, 0x4c, 0x46) },
  { name: 'Parquet', signature: Buffer.from('PAR1') },
  { name: 'Avro', signature: bytes(0x4f, 0x62, 0x6a, 0x01) },
];

const BYTE_ORDER_MARK = bytes(0xef, 0xbb, 0xbf);
const UTF_16_MARKS = [bytes(0xfe, 0xff), bytes(0xff, 0xfe)];

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
const isOneOf = (byte: number, characters: string): boolean => characters.includes(String.fromCharCode(byte));

/**
 * Refuses what is clearly something else: media-type-unsupported, or payload-encoding for UTF-16 and UTF-32. Returns
 * the length of the byte-order mark. `head` is the first BEGINNING_BYTES bytes, or the whole payload where it is shorter.
 */
export function checkBeginning(head: Buffer, mediaType: MediaType): number {
  for (const { name, signature } of OTHER_FORMATS) {
    if (startsWith(head, signature)) throw unsupported(`The payload is ${name}.`);
  }
  // UTF-16 and UTF-32 without a mark show as NUL bytes among the first four, whichever their byte order.
  if (UTF_16_MARKS.some((mark) => startsWith(head, mark)) || head.subarray(0, 4).includes(0)) {
    throw new Problem('payload-encoding', { detail: 'The payload begins like UTF-16 or UTF-32.' });
  }
  const mark = startsWith(head, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const first = head.subarray(mark).find((byte) => !isSpace(byte));
  if (first !== undefined && !mayBegin(mediaType, first)) {
    throw unsupported(`The payload does not begin as ${mediaType} does.`);
  }
  return mark;
}

/** Whether a payload of this media type can begin with this byte at all; whether it is right is for its reader to say. */
function mayBegin(mediaType: MediaType, first: number): boolean {
  switch (mediaType) {
    case 'application/xml':
      return isOneOf(first, '<');
    case 'application/json':
      return isOneOf(first, '[{"-0123456789tfn');
    case 'application/x-ndjson':
      return isOneOf(first, '{"-0123456789tfn');
    case 'text/csv':
      return !isOneOf(first, '<{[');
  }
}

function startsWith(head: Buffer, signature: Buffer): boolean {
  return head.length >= signature.length && head.compare(signature, 0, signature.length, 0, signature.length) === 0;
}

const unsupported = (detail: string): Problem => new Problem('media-type-unsupported', { detail });
