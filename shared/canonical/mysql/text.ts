import { bytesWriter } from '../bytes-writer.ts';
import type { EngineType } from '../engine-type.ts';
import { uuidWriter } from '../printed/uuid.ts';
import { textWriter } from '../text-writer.ts';
import { readText } from '../types/text.ts';

/** CHAR, VARCHAR, the TEXTs, ENUM and SET, on a connection whose character set is utf8mb4: any other turns 😀 into `?`. */
export const mysqlText: EngineType = {
  kinds: [
    'text',
    'uuid',
    'json',
    'integer',
    'decimal',
    'float32',
    'float64',
    'boolean',
    'instant',
    'date',
    'time',
    'datetime',
    'bytes',
  ],
  accepts: (declared) => declared.kind !== 'bytes' || declared.text !== undefined,
  spell: (source, start, end, notes) => readText(source.subarray(start, end), notes),
  fast: (declared, notes, rare) => (declared.kind === 'text' ? textWriter(declared, notes, rare) : undefined),
};

/** BINARY, VARBINARY, the BLOBs, and columns of the character set `binary`. */
export const mysqlBytes: EngineType = {
  kinds: ['bytes', 'uuid', 'text'],
  spell: (source, start, end) => source.subarray(start, end),
  fast: (declared, _notes, rare) => (declared.kind === 'bytes' ? bytesWriter(declared, rare) : undefined),
};

/** MySQL's JSON, and MariaDB's, which is a text with a check. */
export const mysqlJson: EngineType = {
  kinds: ['json', 'text'],
  spell: (source, start, end, notes) => readText(source.subarray(start, end), notes),
};

/** MariaDB's UUID and INET types are printed; only UUID has a canonical type. */
export const mysqlUuid: EngineType = {
  kinds: ['uuid', 'text'],
  spell: mysqlText.spell,
  fast: (declared, _notes, rare) => (declared.kind === 'uuid' ? uuidWriter(rare) : undefined),
};
