import type { CompiledContract } from '../../contract/compiled.ts';
import { unknownNames } from '../../contract/names.ts';
import { type FieldProblem, Problem } from '../../problem.ts';

/** For every column, the position of its field in the contract. */
export type Columns = readonly number[];

/**
 * Holds the header of a table against the contract: every field once, none unknown, each required one there, in any
 * order. Throws header-invalid with a pointer for each.
 */
export function columnsOf(cells: readonly string[], contract: CompiledContract): Columns {
  const known = cells.filter((name) => contract.positions.has(name));
  // Where no cell names a field this is no header but data: nothing of it may be repeated.
  if (known.length === 0) {
    throw new Problem('header-invalid', {
      detail: 'The first line names no field of the contract.',
      errors: [problem('', 'a header line')],
    });
  }
  const once = new Set<string>();
  const repeated = new Set(known.filter((name) => once.has(name) || !once.add(name)));
  const errors: FieldProblem[] = [];
  for (const { name, pointer, field } of contract.fields) {
    if (repeated.has(name)) errors.push(problem(pointer, 'once'));
    else if (field.required && !once.has(name)) errors.push(problem(pointer, 'required'));
  }
  const unknown = cells.filter((name) => !contract.positions.has(name));
  errors.push(...unknownNames('header-invalid', 'a field of the contract', unknown));
  if (errors.length > 0) throw new Problem('header-invalid', { errors });
  return cells.map((name) => contract.positions.get(name) ?? -1);
}

const problem = (pointer: string, rule: string): FieldProblem => ({ code: 'header-invalid', pointer, rule });
