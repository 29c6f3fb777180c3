/**
 * A contract of a sweep that is not finished: wherever a person must decide, a mark stands in the place of the value. Nothing reads, signs
 * or runs a draft; it becomes a contract when the last mark has been replaced.
 */
import * as z from 'zod/mini';
import { pointerTo } from '../contract/names.ts';

export const DECISIONS = {
  type: 'the types of the sides do not say by themselves as what it is compared',
  precision: 'one side keeps more digits than the other',
  'time-zone': 'one side says which instant it is, the other does not',
  padding: 'one side pads to a fixed width',
  collation: 'a side takes texts for equal that are not the same bytes',
  name: 'the names are alike, not the same',
  'one-side': 'it is at one side only',
  absent: 'a document may lack it, which is not NULL',
  null: 'a text file has no NULL of its own',
  class: 'who may read it',
  mask: 'whether it may be compared as it is',
  key: 'what names a row',
  breaker: 'when the sweep must stop',
} as const;
export type DecisionKind = keyof typeof DECISIONS;

const KINDS = Object.keys(DECISIONS).filter((kind): kind is DecisionKind => Object.hasOwn(DECISIONS, kind));
export const DecisionKind = z.enum(KINDS);

/** What stands in a draft. `options`: what it may be replaced by, the suggestion first; null takes the member or element away. */
export const Mark = z.strictObject({
  decide: z.array(DecisionKind).check(z.minLength(1)),
  question: z.string(),
  options: z.array(z.json()),
});
export type Mark = z.infer<typeof Mark>;

export interface OpenDecision extends Mark {
  readonly pointer: string;
}

/** Every mark of a document, in its order. */
export function openDecisions(document: unknown, pointer = ''): OpenDecision[] {
  if (typeof document !== 'object' || document === null) return [];
  if (!Array.isArray(document) && 'decide' in document) {
    const mark = Mark.safeParse(document);
    const damaged: Mark = { decide: ['type'], question: 'a mark that was altered', options: [] };
    return [{ pointer, ...(mark.success ? mark.data : damaged) }];
  }
  return Object.entries(document).flatMap(([name, value]) => openDecisions(value, `${pointer}${pointerTo(name)}`));
}
