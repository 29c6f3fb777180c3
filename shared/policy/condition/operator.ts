import type { Matcher } from '../match.ts';

/** One condition operator. The table in operators.ts names them all; what is not in it is refused. */
export interface Operator {
  /**
   * The operators whose name says Not: they ask that *none* of the policy's values match, and they hold when the key is missing
   * (IAM User Guide, "Condition operators").
   */
  readonly negated: boolean;
  /**
   * Compiles one of the policy's values into the *positive* comparison. A comparison gives `undefined` for a request value that
   * is not of the operator's type. Throws `SyntaxError` when the policy's own value is not.
   */
  compile(expected: string, variables: boolean): Matcher;
}

/** The operator with the opposite answer, over the same comparison. */
export const not = (operator: Operator): Operator => ({ ...operator, negated: !operator.negated });
