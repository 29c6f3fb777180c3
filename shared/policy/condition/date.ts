import type { Operator } from './operator.ts';

// The W3C profile of ISO 8601, or seconds since 1970 (IAM User Guide, "Date condition operators").
const W3C = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/;
const EPOCH_SECONDS = /^\d+(\.\d+)?$/;
const LONGEST_YEAR = 4;

/** Milliseconds since 1970. Four digits alone are a year. */
function parse(text: string): number | undefined {
  if (EPOCH_SECONDS.test(text) && text.length > LONGEST_YEAR) return Number(text) * 1000;
  if (!W3C.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function date(holds: (actual: number, expected: number) => boolean): Operator {
  return {
    negated: false,
    compile: (text) => {
      const expected = parse(text);
      if (expected === undefined) throw new SyntaxError('A date condition has a value that is no date.');
      return (actual) => {
        const time = parse(actual);
        return time === undefined ? undefined : holds(time, expected);
      };
    },
  };
}

export const dateEquals = date((actual, expected) => actual === expected);
export const dateLessThan = date((actual, expected) => actual < expected);
export const dateLessThanEquals = date((actual, expected) => actual <= expected);
export const dateGreaterThan = date((actual, expected) => actual > expected);
export const dateGreaterThanEquals = date((actual, expected) => actual >= expected);
