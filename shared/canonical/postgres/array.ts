import { accepts, type EngineType } from '../engine-type.ts';
import type { ColumnNotes } from '../notes.ts';
import type { Spelling } from '../spelling.ts';
import type { Spell } from '../writer.ts';
import { int32 } from './read.ts';

/**
 * array_send: number of dimensions, a flag, the element's type; length and lower bound of each dimension; then length and bytes of each
 * element, the last dimension first to move on. Several dimensions become arrays of arrays.
 */
export function postgresArray(element: EngineType): EngineType {
  return {
    kinds: ['array', 'set'],
    accepts: (declared) => {
      const inner = 'element' in declared ? declared.element : declared;
      // An array of arrays is one type in PostgreSQL, whatever its depth.
      if (inner.kind === 'array') return accepts(postgresArray(element), inner);
      return accepts(element, inner);
    },
    spell: (source, start, end, notes) => spellArray(element.spell, source, start, end, notes),
  };
}

function spellArray(spell: Spell, source: Uint8Array, start: number, end: number, notes: ColumnNotes): Spelling {
  const dimensions = int32(source, start);
  if (dimensions < 0 || dimensions > 6) notes.refuse('field-format', 'array');
  const lengths: number[] = [];
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const at = start + 12 + dimension * 8;
    lengths.push(int32(source, at));
    // '[0:1]={1,2}' and '{1,2}' differ in PostgreSQL, and there is no other engine to have the difference with.
    if (int32(source, at + 4) !== 1) notes.refuse('field-format', 'array that begins at 1');
  }
  let at = start + 12 + dimensions * 8;
  const next = (): Spelling => {
    const length = int32(source, at);
    const from = at + 4;
    at = from + Math.max(length, 0);
    if (at > end) notes.refuse('field-format', 'array');
    return length < 0 ? null : spell(source, from, at, notes);
  };
  const build = (depth: number): Spelling =>
    depth === lengths.length ? next() : Array.from({ length: lengths[depth] ?? 0 }, () => build(depth + 1));
  const items = lengths.length === 0 ? [] : build(0);
  return at === end ? items : notes.refuse('field-format', 'array');
}
