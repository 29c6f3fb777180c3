import type { Ruled } from './ruled.ts';

/** Without the spaces (U+0020) at the end, with which CHAR(n) is filled up. Other white space is content. */
export function trimSpaces(text: string): Ruled<string> {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end -= 1;
  return { value: text.slice(0, end), changed: end < text.length };
}

/** Without the zero bytes at the end, with which BINARY(n) is filled up. */
export function trimZeroBytes(bytes: Uint8Array): Ruled<Uint8Array> {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return { value: bytes.subarray(0, end), changed: end < bytes.length };
}
