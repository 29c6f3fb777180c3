import { globMatcher } from '../match.ts';
import { resolve, type Token, tokenise } from '../pattern.ts';
import type { Operator } from './operator.ts';

/** Exact and case-sensitive; `*` is an asterisk. */
export const stringEquals: Operator = {
  negated: false,
  compile: (expected, variables) => globMatcher(tokenise(expected, { variables, wildcards: false })),
};

export const stringEqualsIgnoreCase: Operator = {
  negated: false,
  compile: (expected, variables) => {
    const tokens = tokenise(expected, { variables, wildcards: false });
    return (actual, context) => {
      const resolved = resolve(tokens, context);
      return resolved && textOf(resolved).toLowerCase() === actual.toLowerCase();
    };
  },
};

export const stringLike: Operator = {
  negated: false,
  compile: (expected, variables) => globMatcher(tokenise(expected, { variables, wildcards: true })),
};

const textOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'text' ? token.text : '')).join('');
