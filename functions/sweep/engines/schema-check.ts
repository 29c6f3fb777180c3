import { pointerTo } from '../../../shared/contract/names.ts';
import type { Relation } from '../../../shared/equivalence/relation.ts';
import { type FieldProblem, Problem } from '../../../shared/problem.ts';
import type { RelationSchema } from './engine.ts';

/**
 * Holds what was found against what the contract says. Throws Problem('schema-changed') with a pointer to every column (by its name in the
 * engine) that is not there, or has another type. What an engine does not declare may be missing from its sample.
 */
export function demandColumns(relation: Relation, schema: RelationSchema): void {
  const found = new Map(schema.columns.map((column) => [column.name, column]));
  const wanted = new Map<string, string | undefined>();
  for (const { native } of [...relation.filters, ...relation.columns]) {
    wanted.set(native.name, native.type ?? wanted.get(native.name));
  }
  const errors = [...wanted].flatMap(([name, type]): FieldProblem[] => {
    const wrong = (rule: string): FieldProblem[] => [{ code: 'schema-changed', pointer: pointerTo(name), rule }];
    const column = found.get(name);
    if (column === undefined) return schema.sampled ? [] : wrong('a column of the relation');
    if (type === undefined || column.type === type || (schema.sampled && column.type === 'null')) return [];
    return wrong(`of the type ${type}`);
  });
  if (errors.length > 0) throw new Problem('schema-changed', { detail: `At the ${relation.side}.`, errors });
}
