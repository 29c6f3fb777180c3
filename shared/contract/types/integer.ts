import type { FieldProblem } from '../../problem.ts';
import type { FieldType } from '../schema.ts';
import type { Fault, TypeRules } from './rules.ts';

const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

export function integerRules(type: FieldType & { kind: 'integer' }, fault: Fault): TypeRules {
  const wrongType = fault('field-type', 'integer, a JSON number');
  const form = fault('field-format', 'integer without point, exponent or leading zero');
  const range = fault('field-range', `from ${type.minimum} to ${type.maximum}`);
  const judge = (value: number): FieldProblem | undefined => {
    // `-0` has the same value as `0` and another text.
    if (!Number.isInteger(value) || Object.is(value, -0)) return form;
    return value >= type.minimum && value <= type.maximum ? undefined : range;
  };
  return {
    check: (value) => (typeof value === 'number' ? judge(value) : wrongType),
    decode(text) {
      if (!INTEGER.test(text)) return form;
      // The bounds are safe integers: what a double rounds lies outside them, or is equal to its text.
      const value = Number(text);
      return judge(value) ?? (Number.isSafeInteger(value) ? value : range);
    },
  };
}
