import { NOT_AN_OBJECT } from '../../contract/compile.ts';
import type { CompiledContract, Validation } from '../../contract/compiled.ts';
import type { FieldProblem } from '../../problem.ts';
import { duplicateProblems } from '../duplicates.ts';
import { type Member, membersOf } from './members.ts';
import type { JsonScan } from './scan.ts';

const INTEGER = /^-?[0-9]+$/;

/**
 * Judges the text of one JSON value that `scan` has delimited. Returns undefined when it is no JSON: what that means
 * for the payload is for its format to say.
 */
export function judgeJson(
  text: string,
  scan: Pick<JsonScan, 'members' | 'deepest' | 'inexact'>,
  contract: CompiledContract,
  maxDepth: number,
): Validation | undefined {
  // Before JSON.parse: nothing is built from a record that nests 100,000 deep.
  if (scan.deepest > maxDepth)
    return { errors: [{ code: 'record-too-deep', pointer: '', rule: `maxDepth ${maxDepth}` }] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMap(value)) return { errors: [NOT_AN_OBJECT] };
  if (scan.members !== Object.keys(value).length) return { errors: duplicates(membersOf(text), contract) };
  if (scan.inexact) markInexact(value, membersOf(text));
  return contract.validate(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function duplicates(members: readonly Member[], contract: CompiledContract): FieldProblem[] {
  const seen = new Set<string>();
  const repeated = new Set(members.map(({ name }) => name).filter((name) => seen.has(name) || !seen.add(name)));
  return duplicateProblems(repeated, contract);
}

/**
 * `2025.0` and `2.025e3` are 2025 after JSON.parse, and so is 2025 with a fraction smaller than a double can hold: such a
 * number is no integer of the contract, and NaN is what every rule of a number refuses by its form.
 */
function markInexact(value: Record<string, unknown>, members: readonly Member[]): void {
  for (const { name, literal } of members) {
    if (typeof value[name] === 'number' && literal !== undefined && !INTEGER.test(literal)) value[name] = Number.NaN;
  }
}
