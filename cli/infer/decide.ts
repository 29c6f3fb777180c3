/** Replaces marks of a draft by decisions. */
import { pointerTo } from '../../shared/contract/names.ts';
import { type DecisionKind, type OpenDecision, openDecisions } from '../../shared/equivalence/draft.ts';
import { Problem } from '../../shared/problem.ts';

type Json = ReturnType<typeof JSON.parse>;

export interface Decisions {
  /** Kinds of which every suggestion is taken. */
  readonly take: ReadonlySet<DecisionKind>;
  /** By the pointer of a mark: what stands there from now on; null takes it away. */
  readonly set: ReadonlyMap<string, Json>;
}

/** The document with what was decided, and what is still open. Problem('usage-invalid') where a pointer is of no mark. */
export function decide(
  document: unknown,
  { take, set }: Decisions,
): { readonly document: unknown; readonly open: readonly OpenDecision[] } {
  const decided = new Map<string, Json>();
  const before = openDecisions(document);
  for (const { pointer, decide: kinds, options } of before) {
    if (set.has(pointer)) decided.set(pointer, set.get(pointer));
    else if (options.length > 0 && kinds.every((kind) => take.has(kind))) decided.set(pointer, options[0]);
  }
  for (const pointer of set.keys()) {
    if (!decided.has(pointer)) throw new Problem('usage-invalid', { detail: `${pointer} is no open decision.` });
  }
  const next = replaced(document, '', decided);
  return { document: next, open: openDecisions(next) };
}

function replaced(value: unknown, pointer: string, decided: ReadonlyMap<string, Json>): unknown {
  if (decided.has(pointer)) return decided.get(pointer);
  if (Array.isArray(value)) {
    // Whatever is taken away leaves no gap; the pointers are those of the draft before.
    return value
      .map((item, index) => replaced(item, `${pointer}/${index}`, decided))
      .filter((_, index) => decided.get(`${pointer}/${index}`) !== null);
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    replaced(member, `${pointer}${pointerTo(name)}`, decided),
  ]);
  return Object.fromEntries(members.filter(([name]) => decided.get(`${pointer}${pointerTo(name)}`) !== null));
}
