/** Which column of one side is which of the other, by their names alone. */
import type { SchemaColumn } from '../../functions/sweep/engines/engine.ts';

export interface MatchedColumns {
  readonly source: SchemaColumn;
  readonly target: SchemaColumn;
  /** Whether the names are the same, and not only alike. */
  readonly exact: boolean;
}

export interface Matching {
  /** In the order of the source. */
  readonly matched: readonly MatchedColumns[];
  readonly sourceOnly: readonly SchemaColumn[];
  readonly targetOnly: readonly SchemaColumn[];
}

/** Names that differ in case, underscores, hyphens or spaces alone are alike; so are `userId` and `user_id`. */
const likeness = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_.-]/g, '');

export function matchColumns(source: readonly SchemaColumn[], target: readonly SchemaColumn[]): Matching {
  const exact = new Map(target.map((column) => [column.name, column]));
  const same = new Set(source.map(({ name }) => name).filter((name) => exact.has(name)));
  const left = source.filter(({ name }) => !same.has(name));
  const right = target.filter(({ name }) => !same.has(name));
  const alike = (name: string): SchemaColumn | undefined => {
    const isLike = (column: SchemaColumn): boolean => likeness(column.name) === likeness(name);
    const [one, ...others] = right.filter(isLike);
    // Two that are alike at one side are nobody's to tell apart by name.
    return others.length === 0 && left.filter(isLike).length === 1 ? one : undefined;
  };
  const matched = source.flatMap((column): MatchedColumns[] => {
    const twin = exact.get(column.name);
    if (twin !== undefined) return [{ source: column, target: twin, exact: true }];
    const like = alike(column.name);
    return like === undefined ? [] : [{ source: column, target: like, exact: false }];
  });
  const taken = new Set(matched.map((pair) => pair.target.name));
  const found = new Set(matched.map((pair) => pair.source.name));
  return {
    matched,
    sourceOnly: source.filter(({ name }) => !found.has(name)),
    targetOnly: target.filter(({ name }) => !taken.has(name)),
  };
}

/** Names of a contract for these, each once: lower case, letters, digits and underscores. */
export function contractNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const words = name
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '');
    const base = (/^[a-z]/.test(words) && words !== 'constructor' ? words : `column_${words}`).slice(0, 58);
    let unique = base.replace(/_+$/, '');
    for (let ordinal = 2; taken.has(unique); ordinal++) unique = `${base}_${ordinal}`;
    taken.add(unique);
    return unique;
  });
}
