import type { CompiledContract } from '../contract/compiled.ts';
import { unknownNames } from '../contract/names.ts';
import type { FieldProblem } from '../problem.ts';

/**
 * Problems of names that stand twice in one record: in contract order, then those that the contract does not know,
 * sorted by bytes. Which of two values was meant cannot be known, so that nothing else of such a record is judged.
 */
export function duplicateProblems(repeated: ReadonlySet<string>, contract: CompiledContract): FieldProblem[] {
  const known = contract.fields.filter(({ name }) => repeated.has(name)).map((field) => field.duplicate);
  const unknown = [...repeated].filter((name) => !contract.positions.has(name));
  return [...known, ...unknownNames('field-duplicate', 'once', unknown)];
}
