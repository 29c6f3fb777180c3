import type { EngineType } from '../engine-type.ts';
import { textWriter } from '../text-writer.ts';
import { readText } from '../types/text.ts';

/**
 * textsend: the bytes of the text in the client's encoding, which must be UTF-8. The same for varchar, bpchar, name, enumerations, and for
 * whatever a query has cast to text.
 */
export const postgresText: EngineType = {
  kinds: [
    'text',
    'integer',
    'decimal',
    'float32',
    'float64',
    'boolean',
    'uuid',
    'instant',
    'date',
    'time',
    'datetime',
    'json',
    'bytes',
  ],
  accepts: (declared) => declared.kind !== 'bytes' || declared.text !== undefined,
  spell: (source, start, end, notes) => readText(source.subarray(start, end), notes),
  fast: (declared, notes, rare) => (declared.kind === 'text' ? textWriter(declared, notes, rare) : undefined),
};

/** json_send, and with `skip` 1 jsonb_send, whose first byte is a version number, 1. */
export const postgresJson = (skip: 0 | 1): EngineType => ({
  kinds: ['json'],
  spell: (source, start, end, notes) => {
    if (skip === 1 && source[start] !== 1) notes.refuse('field-format', 'jsonb version 1');
    return readText(source.subarray(start + skip, end), notes);
  },
});
