/**
 * Event patterns: compiled once, when a rule is provisioned, so that a wrong one is refused there and not ignored later.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP } from 'node:net';
import { Problem } from '../../shared/problem.ts';
import { compileNumeric } from './numeric.ts';

/** Whether a value of the event matches; `undefined` stands for a field that is absent. */
type Test = (value: unknown) => boolean;

/** @throws Problem `configuration-invalid` naming the field and the operator. */
export function compilePattern(pattern: unknown, where = 'EventPattern'): Test {
  if (!isRecord(pattern)) throw invalid(where, 'must be an object');
  const tests = Object.entries(pattern).map(([field, inner]): Test => {
    const place = `${where}/${field}`;
    if (field === '$or') return compileOr(inner, place);
    const test = Array.isArray(inner) ? compileLeaf(inner, place) : compilePattern(inner, place);
    return (value) => test(isRecord(value) ? value[field] : undefined);
  });
  if (tests.length === 0) throw invalid(where, 'must not be empty');
  // An object pattern meets an array of objects where one of them matches.
  const whole: Test = (value) => (Array.isArray(value) ? value.some(whole) : tests.every((test) => test(value)));
  return whole;
}

function compileOr(alternatives: unknown, where: string): Test {
  if (!Array.isArray(alternatives) || alternatives.length === 0) throw invalid(where, 'must be a list');
  const tests = alternatives.map((each, index) => compilePattern(each, `${where}[${index}]`));
  return (value) => tests.some((test) => test(value));
}

function compileLeaf(list: readonly unknown[], where: string): Test {
  if (list.length === 0) throw invalid(where, 'must not be empty');
  const tests = list.map((each) => compileMatcher(each, where));
  return (value) => tests.some((test) => test(value));
}

/** The field of the event may be a list: then one element must match. */
const some =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) ? value.some(test) : value !== undefined && test(value);

const text =
  (test: (value: string) => boolean): Test =>
  (value) =>
    typeof value === 'string' && test(value);

function compileMatcher(matcher: unknown, where: string): Test {
  if (!isRecord(matcher)) {
    if (matcher !== null && !['string', 'number', 'boolean'].includes(typeof matcher)) {
      throw invalid(where, 'must hold scalars or operators');
    }
    return some((value) => value === matcher);
  }
  const [entry, ...more] = Object.entries(matcher);
  if (!entry || more.length > 0) throw invalid(where, 'must hold one operator at a time');
  const [operator, operand] = entry;
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw invalid(where, 'exists takes a boolean');
    // Only a leaf exists: an object between does not count (EventBridge user guide, "Exists matching").
    return (value) => (value !== undefined && !isRecord(value)) === operand;
  }
  if (operator === 'anything-but') return compileAnythingBut(operand, where);
  return some(compileOperator(operator, operand, where));
}

function compileOperator(operator: string, operand: unknown, where: string): Test {
  if (operator === 'numeric') return compileNumeric(operand, (detail) => invalid(where, detail));
  if (operator === 'cidr') return compileCidr(operand, where);
  if (operator === 'prefix' || operator === 'suffix') return compileAffix(operator, operand, where);
  if (typeof operand !== 'string') throw invalid(where, `${operator} takes a string`);
  if (operator === 'equals-ignore-case') return text((value) => value.toLowerCase() === operand.toLowerCase());
  if (operator === 'wildcard') {
    const expression = wildcardExpression(operand, where);
    return text((value) => expression.test(value));
  }
  throw new Problem('not-implemented', { detail: `${where}: operator ${operator}.` });
}

function compileAffix(operator: 'prefix' | 'suffix', operand: unknown, where: string): Test {
  const has = (value: string, affix: string): boolean =>
    operator === 'prefix' ? value.startsWith(affix) : value.endsWith(affix);
  if (typeof operand === 'string') return text((value) => has(value, operand));
  const folded = isRecord(operand) ? operand['equals-ignore-case'] : undefined;
  if (typeof folded !== 'string') throw invalid(where, `${operator} takes a string`);
  return text((value) => has(value.toLowerCase(), folded.toLowerCase()));
}

/** True for every present value that none of the operand's matches. */
function compileAnythingBut(operand: unknown, where: string): Test {
  let tests: readonly Test[];
  if (isRecord(operand)) {
    const [entry, ...more] = Object.entries(operand);
    if (!entry || more.length > 0) throw invalid(where, 'anything-but takes one operator');
    const [operator, values] = entry;
    tests = (Array.isArray(values) ? values : [values]).map((value) => compileOperator(operator, value, where));
  } else {
    const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) {
      throw invalid(where, 'anything-but takes strings or numbers');
    }
    tests = values.map(
      (excluded): Test =>
        (value) =>
          value === excluded,
    );
  }
  return some((value) => !tests.some((test) => test(value)));
}

/** `*` stands for any number of characters; `\*` and `\\` for themselves. */
function wildcardExpression(pattern: string, where: string): RegExp {
  if (pattern.includes('**')) throw invalid(where, 'wildcard takes no two asterisks in a row');
  const parts = pattern.match(/\\[\\*]|\*|[^\\*]+|\\/g) ?? [];
  const source = parts.map((part) => (part === '*' ? '[^]*' : literal(part.length === 2 ? unescaped(part) : part)));
  return new RegExp(`^${source.join('')}$`, 'u');
}
const literal = (part: string): string => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const unescaped = (part: string): string => (part.startsWith('\\') ? part.slice(1) : part);

function compileCidr(operand: unknown, where: string): Test {
  const [address = '', bits = ''] = typeof operand === 'string' ? operand.split('/') : [];
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || !/^\d+$/.test(bits)) throw invalid(where, 'cidr takes an address block');
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return text((value) => isIP(value) !== 0 && block.check(value, isIP(value) === 6 ? 'ipv6' : 'ipv4'));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, detail: string): Problem {
  return new Problem('configuration-invalid', { detail: `${where} ${detail}.` });
}
