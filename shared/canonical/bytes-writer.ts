import type { Declared } from './column-type.ts';
import { MAXIMUM_PAYLOAD_BYTES, writeHead } from './field.ts';
import { TAG } from './tag.ts';
import { copyBytes, type FieldWriter } from './writer.ts';

/** Raw bytes as a bytes field. Empty ones, and such as a declared trim may change, are rare. */
export function bytesWriter(declared: Declared<'bytes'>, rare: FieldWriter): FieldWriter {
  const trims = declared.padding !== undefined;
  return (source, start, end, target, at) => {
    const length = end - start;
    if (length === 0 || length > MAXIMUM_PAYLOAD_BYTES || (trims && source[end - 1] === 0)) {
      return rare(source, start, end, target, at);
    }
    return copyBytes(source, start, end, target, writeHead(target, at, TAG.bytes, length));
  };
}
