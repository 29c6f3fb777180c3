/** The shape of one field type's rules. Every problem is made once, from the contract alone, so none can hold a value. */
import type { FieldProblem, ProblemCode } from '../../problem.ts';
import type { FieldValue } from '../compiled.ts';

export interface TypeRules {
  /** Judges a JSON value: the problem, or undefined. */
  check(value: unknown): FieldProblem | undefined;
  /** Judges a text of CSV or XML and reads it. */
  decode(text: string): FieldValue | FieldProblem;
}

/** Makes a problem of the field in question. */
export type Fault = (code: ProblemCode, rule: string) => FieldProblem;

/** Rules of a type whose value is its text, in JSON too. */
export function textual(fault: Fault, kind: string, judge: (text: string) => FieldProblem | undefined): TypeRules {
  const wrongType = fault('field-type', `${kind}, a JSON string`);
  return {
    check: (value) => (typeof value === 'string' ? judge(value) : wrongType),
    decode: (text) => judge(text) ?? text,
  };
}
