/** What the schemas of the sides say besides what the contract asks for. */
import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence, EquivalenceColumn } from '../../../shared/equivalence/schema.ts';
import type { KeyProof, NotCompared } from '../../../shared/verdict/schema.ts';
import type { RelationSchema } from '../engines/engine.ts';

/** Types that hold texts, as the engines spell them: PostgreSQL's, MySQL's, DynamoDB's. */
const TEXTUAL = /^(?:S$|text|citext|character|(?:tiny|medium|long)?text|(?:var)?char|enum)/;

/**
 * Whether different values there are different under the contract. They need not be where a rule loses something, or where a text stands for
 * a value of another type: '1' and '01', two spellings of a UUID.
 */
function staysUnique({ type, source, target }: EquivalenceColumn, side: SideName): boolean {
  const loses =
    ('padding' in type && type.padding !== undefined) ||
    ('normalization' in type && type.normalization !== undefined) ||
    ('scale' in type && type.scale !== undefined) ||
    ('excess' in type && type.excess !== undefined);
  return !loses && (type.kind === 'text' || !TEXTUAL.test((side === 'source' ? source : target).type));
}

/** Whether the engine itself keeps some part of the key unique. */
export function uniqueness(contract: Equivalence, side: SideName, { uniqueKeys }: RelationSchema): KeyProof {
  const natives = contract.columns
    .filter((column) => contract.key.includes(column.name) && staysUnique(column, side))
    .map((column) => column[side].name);
  return uniqueKeys.some((key) => key.length > 0 && key.every((name) => natives.includes(name)))
    ? 'declared'
    : 'unknown';
}

// In documents a name may be somebody's: only what looks like a column's is repeated.
const LOOKS_LIKE_A_NAME = /^[A-Za-z_][A-Za-z0-9_ .-]{0,62}$/;

/** Columns found at a side that the contract does not name. */
export function notCompared(
  contract: Equivalence,
  side: SideName,
  { columns, sampled }: RelationSchema,
): NotCompared[] {
  const named = new Set([
    ...contract.columns.map((column) => column[side].name),
    ...(contract[side].filters ?? []).map(({ name }) => name),
  ]);
  return columns
    .filter(({ name }) => !named.has(name))
    .map(({ name }, index) => ({
      column: sampled && !LOOKS_LIKE_A_NAME.test(name) ? `#${index + 1}` : name,
      side,
      why: 'not-in-contract',
    }));
}
