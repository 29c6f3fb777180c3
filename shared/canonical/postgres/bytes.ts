import { bytesWriter } from '../bytes-writer.ts';
import type { EngineType } from '../engine-type.ts';
import { TAG } from '../tag.ts';

/** byteasend: the bytes. */
export const postgresBytea: EngineType = {
  kinds: ['bytes', 'uuid', 'text'],
  spell: (source, start, end) => source.subarray(start, end),
  fast: (declared, _notes, rare) => (declared.kind === 'bytes' ? bytesWriter(declared, rare) : undefined),
};

/** uuid_send: sixteen bytes. */
export const postgresUuid: EngineType = {
  kinds: ['uuid'],
  width: 16,
  spell: (source, start, end) => source.subarray(start, end),
  fast: (_declared, _notes, rare) => (source, start, end, target, at) => {
    if (end - start !== 16) return rare(source, start, end, target, at);
    target[at] = TAG.uuid;
    target[at + 1] = 16;
    for (let offset = 0; offset < 16; offset++) target[at + 2 + offset] = source[start + offset] ?? 0;
    return at + 18;
  },
};
