import { sha256Hex } from '../../../shared/digest.ts';
import type { RelationSchema } from '../engines/engine.ts';

/** Of columns that an engine declares; names and types that a sample met may be others in the next. */
export function schemaDigest({ columns, sampled }: RelationSchema): string | undefined {
  if (sampled) return undefined;
  return sha256Hex(JSON.stringify(columns.map(({ name, type, nullable }) => [name, type, nullable])));
}
