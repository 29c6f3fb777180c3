import type { ContextValue, RequestContext } from '../context.ts';
import { members, textList } from '../json.ts';
import type { Matcher, Outcome } from '../match.ts';
import type { Operator } from './operator.ts';
import { OPERATORS } from './operators.ts';

/** `undefined`: cannot be decided. An Allow then does not apply and a Deny does. */
export type Condition = (context: RequestContext) => Outcome;

const SETS = ['ForAllValues', 'ForAnyValue'] as const;
type SetOperator = (typeof SETS)[number];

interface OperatorName {
  readonly set: SetOperator | undefined;
  readonly base: string;
  readonly ifExists: boolean;
}

/** Compiles a whole Condition element: every operator and every key must hold. Throws `SyntaxError` for what IAM does not know. */
export function compileConditions(element: unknown, variables: boolean): readonly Condition[] {
  return members(element, 'Condition').flatMap(([name, keys]) =>
    members(keys, name).map(([key, values]) =>
      compileCondition(parseName(name), key, textList(values, key), variables),
    ),
  );
}

function parseName(name: string): OperatorName {
  const set = SETS.find((candidate) => name.startsWith(`${candidate}:`));
  const rest = set === undefined ? name : name.slice(set.length + 1);
  const ifExists = rest.endsWith('IfExists');
  return { set, base: ifExists ? rest.slice(0, -'IfExists'.length) : rest, ifExists };
}

function compileCondition(name: OperatorName, key: string, values: readonly string[], variables: boolean): Condition {
  const lowered = key.toLowerCase();
  if (name.base === 'Null') return compileNull(name, lowered, values);
  const operator = Object.hasOwn(OPERATORS, name.base) ? OPERATORS[name.base] : undefined;
  if (operator === undefined) throw new SyntaxError(`The condition operator ${name.base} is not one of IAM's.`);
  const tests = values.map((value) => operator.compile(value, variables));
  return (context) => evaluate(name, operator, tests, context.get(lowered), context);
}

/** "true" asks that the key be absent, "false" that it be present and not null (IAM User Guide, "Null"). */
function compileNull(name: OperatorName, key: string, values: readonly string[]): Condition {
  const [expected, ...more] = values.map((value) => value.toLowerCase());
  if (name.set !== undefined || name.ifExists) throw new SyntaxError('Null takes neither IfExists nor a set operator.');
  if (more.length > 0 || (expected !== 'true' && expected !== 'false')) {
    throw new SyntaxError('Null asks for true or false.');
  }
  return (context) => isNull(context.get(key)) === (expected === 'true');
}

/** No value, no values, or an empty one: a "null data set". */
const isNull = (value: ContextValue | undefined): boolean => value === undefined || value.length === 0;

function evaluate(
  name: OperatorName,
  operator: Operator,
  tests: readonly Matcher[],
  actual: ContextValue | undefined,
  context: RequestContext,
): Outcome {
  if (name.set === 'ForAllValues' && isNull(actual)) return true;
  if (name.set === 'ForAnyValue' && isNull(actual)) return name.ifExists && actual === undefined;
  if (actual === undefined) return name.ifExists || operator.negated;
  const one = (value: string): Outcome => {
    const matched = any(tests, (test) => test(value, context));
    return matched === undefined ? undefined : matched !== operator.negated;
  };
  if (typeof actual === 'string') return one(actual);
  // "Multivalued context keys require a condition set operator": without one nothing is said, so nothing is allowed by it.
  if (name.set === undefined) return undefined;
  if (name.set === 'ForAnyValue') return any(actual, one);
  const counter = any(actual, (value) => negate(one(value)));
  return negate(counter);
}

const negate = (outcome: Outcome): Outcome => (outcome === undefined ? undefined : !outcome);

/** True where one is; undecided where none is, but one is undecided. */
function any<T>(items: readonly T[], test: (item: T) => Outcome): Outcome {
  let undecided = false;
  for (const item of items) {
    const outcome = test(item);
    if (outcome === true) return true;
    undecided ||= outcome === undefined;
  }
  return undecided ? undefined : false;
}
