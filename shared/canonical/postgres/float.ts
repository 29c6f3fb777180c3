import type { EngineType } from '../engine-type.ts';
import { TAG } from '../tag.ts';
import type { FieldWriter } from '../writer.ts';

/** float4 and float8: IEEE 754, big-endian. A float4 is exact as a float64; a float8 as a float32 only if nothing is lost. */
export const postgresFloat4: EngineType = {
  kinds: ['float32', 'float64'],
  width: 4,
  spell: (source, start) => viewOf(source).getFloat32(start),
  fast: (declared, _notes, rare) => (declared.kind === 'float32' ? bitsWriter(TAG.float32, 4, rare) : undefined),
};

export const postgresFloat8: EngineType = {
  kinds: ['float32', 'float64'],
  width: 8,
  spell: (source, start) => viewOf(source).getFloat64(start),
  fast: (declared, _notes, rare) => (declared.kind === 'float64' ? bitsWriter(TAG.float64, 8, rare) : undefined),
};

function viewOf(source: Uint8Array): DataView {
  return new DataView(source.buffer, source.byteOffset, source.byteLength);
}

/** Copies the bits, except for a NaN, which has many, and for a zero with a sign, about which there may be a rule. */
function bitsWriter(tag: typeof TAG.float32 | typeof TAG.float64, width: number, rare: FieldWriter): FieldWriter {
  return (source, start, end, target, at) => {
    const first = source[start] ?? 0;
    const second = source[start + 1] ?? 0;
    // 7f and ff are the exponents of NaN and the infinities, among others; 80 00 begins −0, among others.
    if ((first & 0x7f) === 0x7f || (first === 0x80 && second === 0) || end - start !== width) {
      return rare(source, start, end, target, at);
    }
    target[at] = tag;
    target[at + 1] = width;
    let next = at + 2;
    for (let from = start; from < end; from++) target[next++] = source[from] ?? 0;
    return next;
  };
}
