import { fromTwosComplement } from '../bytes.ts';
import type { EngineType } from '../engine-type.ts';
import { TAG } from '../tag.ts';
import type { FieldWriter } from '../writer.ts';

/** int2, int4 and int8: big-endian two's complement of 2, 4 or 8 bytes. */
export const postgresInteger = (width: 2 | 4 | 8): EngineType => ({
  kinds: ['integer', 'decimal', 'boolean', 'instant'],
  accepts: (declared) => declared.kind !== 'instant' || declared.epoch !== undefined,
  width,
  spell: (source, start, end) => fromTwosComplement(source.subarray(start, end)),
  fast: (declared, _notes, rare) => (declared.kind === 'integer' ? integerWriter(width, rare) : undefined),
});

/** The same bytes without those that only repeat the sign. */
function integerWriter(width: number, rare: FieldWriter): FieldWriter {
  return (source, start, end, target, at) => {
    if (end - start !== width) return rare(source, start, end, target, at);
    let from = start;
    while (from < end - 1) {
      const sign = (source[from + 1] ?? 0) < 0x80 ? 0 : 0xff;
      if (source[from] !== sign) break;
      from += 1;
    }
    target[at] = TAG.integer;
    target[at + 1] = end - from;
    let next = at + 2;
    while (from < end) target[next++] = source[from++] ?? 0;
    return next;
  };
}
