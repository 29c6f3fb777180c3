/**
 * What a definition must be as a whole (transitions that lead somewhere, names that are unique, an end), by the public
 * validator. It takes long to load and to run: once for every definition, not once for every start.
 */
import { Problem } from '../../shared/problem.ts';
import { isExpression } from './expression.ts';
import { isArray, isObject, type Json } from './json.ts';
import { documentOf, parseMachine } from './machine.ts';

/** Throws `configuration-invalid` or `not-implemented`, naming the machine and the state. */
export async function validateDefinition(name: string, text: string): Promise<void> {
  const { default: aslValidator } = await import('asl-validator');
  const checked = aslValidator(structuredClone(presentable(documentOf(name, text))));
  if (!checked.isValid) {
    throw new Problem('configuration-invalid', { detail: `State machine ${name}: ${checked.errorsText('; ')}` });
  }
  parseMachine(name, text);
}

/**
 * Without what asl-validator 4.0.0 refuses although Step Functions accepts it: empty strings, expressions of several
 * lines, an `Output` that is a literal other than an object.
 */
function presentable(value: Json): Json {
  if (typeof value === 'string') return isExpression(value) ? value.replaceAll(/\s+/g, ' ') : value || ' ';
  if (isArray(value)) return value.map(presentable);
  if (isObject(value)) {
    const shown = Object.entries(value).map(([name, member]) => {
      const literal = name === 'Output' && !isObject(member) && !isExpression(member);
      return [name, literal ? {} : presentable(member)];
    });
    return Object.fromEntries(shown);
  }
  return value;
}
