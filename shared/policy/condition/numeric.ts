import type { Operator } from './operator.ts';

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const parse = (text: string): number | undefined => (DECIMAL.test(text) ? Number(text) : undefined);

function numeric(holds: (actual: number, expected: number) => boolean): Operator {
  return {
    negated: false,
    compile: (text) => {
      const expected = parse(text);
      if (expected === undefined) throw new SyntaxError('A numeric condition has a value that is no number.');
      return (actual) => {
        const number = parse(actual);
        return number === undefined ? undefined : holds(number, expected);
      };
    },
  };
}

export const numericEquals = numeric((actual, expected) => actual === expected);
export const numericLessThan = numeric((actual, expected) => actual < expected);
export const numericLessThanEquals = numeric((actual, expected) => actual <= expected);
export const numericGreaterThan = numeric((actual, expected) => actual > expected);
export const numericGreaterThanEquals = numeric((actual, expected) => actual >= expected);
