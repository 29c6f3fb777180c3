import { type FieldProblem, Problem } from '../problem.ts';
import { pointerTo } from './names.ts';
import { Contract, type Field } from './schema.ts';
import { isDate } from './types/date.ts';
import { compareDecimals, decimalPattern, isNegativeZero } from './types/decimal.ts';
import { wholePattern } from './types/text.ts';

/**
 * Reads a contract document. Throws Problem('configuration-invalid') with a pointer to each mistake; a contract's own
 * text is no secret and holds no person, so that its names may stand in the rules.
 */
export function parseContract(text: string): Contract {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Problem('configuration-invalid', { detail: 'The contract is not JSON.', cause });
  }
  const parsed = Contract.safeParse(document);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map((issue) => mistake(issue.path.map(String), issue.message)));
  }
  const mistakes = contradictions(parsed.data);
  if (mistakes.length > 0) throw invalid(mistakes);
  return parsed.data;
}

const invalid = (errors: readonly FieldProblem[]): Problem =>
  new Problem('configuration-invalid', { detail: 'The contract is not valid.', errors });

const mistake = (path: readonly string[], rule: string): FieldProblem => ({
  code: 'configuration-invalid',
  pointer: path.map(pointerTo).join(''),
  rule,
});

/** What the schema cannot say: references between parts, and bounds that are in order. */
function contradictions(contract: Contract): FieldProblem[] {
  const { submission } = contract;
  const found: FieldProblem[] = [];
  const byName = new Map(contract.fields.map((field) => [field.name, field]));

  contract.fields.forEach((field, index) => {
    const path = ['fields', String(index)];
    if (contract.fields.findIndex((other) => other.name === field.name) !== index) {
      found.push(mistake([...path, 'name'], 'a name stands once'));
    }
    found.push(...typeContradictions(field, [...path, 'type']));
  });
  (submission.derived ?? []).forEach((field, index, all) => {
    const path = ['submission', 'derived', String(index)];
    if (byName.has(field.name) || all.findIndex((other) => other.name === field.name) !== index) {
      found.push(mistake([...path, 'name'], 'a name stands once'));
    }
    if (field.class === 'pii') found.push(mistake([...path, 'class'], 'nothing personal is derived'));
    found.push(...typeContradictions(field, [...path, 'type']));
  });

  const required = (name: string): boolean => byName.get(name)?.required === true;
  if (!required(contract.subject)) found.push(mistake(['subject'], 'a required field of the contract'));
  else if (byName.get(contract.subject)?.class !== 'pii') found.push(mistake(['subject'], 'a field of class pii'));
  if (!required(contract.tenant)) found.push(mistake(['tenant'], 'a required field of the contract'));
  else if (byName.get(contract.tenant)?.class === 'pii') found.push(mistake(['tenant'], 'no field of class pii'));
  contract.key.forEach((name, index) => {
    if (!required(name)) found.push(mistake(['key', String(index)], 'a required field of the contract'));
  });
  for (const [role, name] of Object.entries(submission.ledger ?? {})) {
    if (!required(name)) found.push(mistake(['submission', 'ledger', role], 'a required field of the contract'));
  }
  // Between blocks a reader holds one record: it must fit a string, and the memory of a function.
  if (submission.maxRecordBytes > MAX_RECORD_BYTES) {
    found.push(mistake(['submission', 'maxRecordBytes'], `at most ${MAX_RECORD_BYTES}`));
  }
  return found;
}

const MAX_RECORD_BYTES = 16 * 1024 * 1024;

function typeContradictions({ type, required }: Field, path: readonly string[]): FieldProblem[] {
  const wrong = (member: string, rule: string): FieldProblem[] => [mistake([...path, member], rule)];
  switch (type.kind) {
    case 'text':
      if (type.minLength > type.maxLength) return wrong('minLength', 'at most maxLength');
      // Otherwise "nothing" could be said in two ways, and an empty CSV cell would mean both.
      if (!required && type.minLength === 0) return wrong('minLength', 'at least 1 where the field may be absent');
      return type.pattern === undefined || compiles(type.pattern) ? [] : wrong('pattern', 'an ECMAScript pattern');
    case 'choice':
      return new Set(type.values).size === type.values.length ? [] : wrong('values', 'each value once');
    case 'integer':
      return type.minimum <= type.maximum ? [] : wrong('minimum', 'at most maximum');
    case 'decimal': {
      const form = decimalPattern(type.scale);
      for (const bound of ['minimum', 'maximum'] as const) {
        if (!form.test(type[bound]) || isNegativeZero(type[bound]))
          return wrong(bound, `a decimal of scale ${type.scale}`);
      }
      return compareDecimals(type.minimum, type.maximum) <= 0 ? [] : wrong('minimum', 'at most maximum');
    }
    case 'date':
      for (const bound of ['minimum', 'maximum'] as const) {
        if (!isDate(type[bound])) return wrong(bound, 'a date YYYY-MM-DD');
      }
      return type.minimum <= type.maximum ? [] : wrong('minimum', 'at most maximum');
    default:
      return [];
  }
}

function compiles(pattern: string): boolean {
  try {
    wholePattern(pattern);
    return true;
  } catch {
    return false;
  }
}
