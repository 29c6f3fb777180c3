import type { SchemaColumn } from '../engine.ts';
import { visitMembers } from './json-scan.ts';
import { jsonTypeAt } from './json-type.ts';

/** A document as the stretch of bytes that it is. */
export type Located = readonly [source: Uint8Array, start: number, end: number];

/**
 * The members of the first documents with the JSON types that they have, several joined by `|`. A member that some lack, or that is null
 * somewhere, is nullable.
 */
export function sampleColumns(documents: readonly Located[]): readonly SchemaColumn[] {
  const found = new Map<string, { types: Set<string>; count: number }>();
  for (const [source, start, end] of documents) {
    visitMembers(source, start, end, (nameStart, nameEnd, valueStart) => {
      const name = nameOf(source, nameStart - 1, nameEnd + 1);
      const column = found.get(name) ?? { types: new Set(), count: 0 };
      const type = jsonTypeAt(source[valueStart]);
      if (type !== undefined) {
        column.types.add(type);
        column.count += 1;
      }
      found.set(name, column);
    });
  }
  return [...found].map(([name, { types, count }]) => ({
    name,
    type: types.size === 0 ? 'null' : [...types].sort().join('|'),
    nullable: count < documents.length,
  }));
}

function nameOf(source: Uint8Array, start: number, end: number): string {
  const name: unknown = JSON.parse(Buffer.from(source.subarray(start, end)).toString('utf8'));
  return String(name);
}
