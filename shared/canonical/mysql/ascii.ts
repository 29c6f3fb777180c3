/** Bytes of which each is a character, as text; other bytes become characters that no number and no date has. */
export function ascii(source: Uint8Array, start: number, end: number): string {
  return Buffer.from(source.buffer, source.byteOffset + start, end - start).toString('latin1');
}
