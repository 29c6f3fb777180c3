import { arnMatcher } from '../match.ts';
import { tokenise } from '../pattern.ts';
import type { Operator } from './operator.ts';

const PARTS = 6;

/** `ArnEquals` and `ArnLike` behave alike: both take wildcards (IAM User Guide, "ARN condition operators"). */
export const arnLike: Operator = {
  negated: false,
  compile: (expected, variables) => {
    const tokens = tokenise(expected, { variables, wildcards: true });
    const colons = tokens.reduce(
      (count, token) => count + (token.kind === 'text' ? token.text.split(':').length - 1 : 0),
      0,
    );
    // A variable may bring the colons with it; anything else must be an ARN as written.
    if (colons < PARTS - 1 && !tokens.some((token) => token.kind === 'variable')) {
      throw new SyntaxError('An ARN condition has a value that is no ARN.');
    }
    return arnMatcher(tokens);
  },
};
