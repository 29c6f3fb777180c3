import type { EngineType } from '../engine-type.ts';
import { TAG } from '../tag.ts';

/** boolsend: one byte, 0 or 1. */
export const postgresBoolean: EngineType = {
  kinds: ['boolean'],
  width: 1,
  spell: (source, start, end) => source.subarray(start, end),
  fast: (_declared, _notes, rare) => (source, start, end, target, at) => {
    const value = source[start] ?? 2;
    if (value > 1 || end - start !== 1) return rare(source, start, end, target, at);
    target[at] = TAG.boolean;
    target[at + 1] = 1;
    target[at + 2] = value;
    return at + 3;
  },
};
