/** What names a row: columns that both engines keep unique; or a question. */
import type { DraftSides } from './side.ts';

export interface NamedColumn {
  readonly name: string;
  readonly source: string;
  readonly target: string;
}

export type DraftedKey =
  | { readonly sure: true; readonly columns: readonly string[] }
  | { readonly sure: false; readonly question: string; readonly options: readonly (readonly string[])[] };

export function draftKey(columns: readonly NamedColumn[], { source, target }: DraftSides): DraftedKey {
  const atSource = keysOf(source.schema.uniqueKeys, new Map(columns.map((column) => [column.source, column.name])));
  const atTarget = keysOf(target.schema.uniqueKeys, new Map(columns.map((column) => [column.target, column.name])));
  const same = atSource.find((key) => atTarget.some((other) => isSame(key, other)));
  if (same !== undefined) return { sure: true, columns: same };
  const options = [...atSource, ...atTarget];
  const where = [...(atSource.length === 0 ? [] : ['the source']), ...(atTarget.length === 0 ? [] : ['the target'])];
  const question =
    where.length === 0
      ? 'no engine keeps any columns unique and not NULL: name those that should be, or none and rows are compared as a multiset'
      : `only ${where.join(' and ')} keeps these unique and not NULL: the sweep finds out whether they are at the other side; none compares rows as a multiset`;
  return { sure: false, question, options: [...options, []] };
}

/** In the contract's names; those of which a column has no partner name nothing here. */
function keysOf(keys: readonly (readonly string[])[], names: ReadonlyMap<string, string>): string[][] {
  return keys.flatMap((key) => {
    const named = key.flatMap((column) => names.get(column) ?? []);
    return named.length === key.length && named.length > 0 ? [named] : [];
  });
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));
