import type { Operator } from './operator.ts';

function parse(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : undefined;
}

export const bool: Operator = {
  negated: false,
  compile: (text) => {
    const expected = parse(text);
    if (expected === undefined) throw new SyntaxError('A Bool condition has a value that is neither true nor false.');
    return (actual) => {
      const value = parse(actual);
      return value === undefined ? undefined : value === expected;
    };
  },
};
