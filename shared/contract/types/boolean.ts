import type { Fault, TypeRules } from './rules.ts';

export function booleanRules(fault: Fault): TypeRules {
  const wrongType = fault('field-type', 'boolean, a JSON true or false');
  const form = fault('field-format', 'true or false');
  return {
    check: (value) => (typeof value === 'boolean' ? undefined : wrongType),
    decode: (text) => (text === 'true' ? true : text === 'false' ? false : form),
  };
}
