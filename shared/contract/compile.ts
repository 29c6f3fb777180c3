import type { FieldProblem, ProblemCode } from '../problem.ts';
import type { CompiledContract, CompiledField, FieldValue, Validation } from './compiled.ts';
import { pointerTo, unknownNames } from './names.ts';
import type { Contract, ContractRecord, Field } from './schema.ts';
import { booleanRules } from './types/boolean.ts';
import { choiceRules } from './types/choice.ts';
import { dateRules } from './types/date.ts';
import { decimalRules } from './types/decimal.ts';
import { einRules } from './types/ein.ts';
import { emailRules } from './types/email.ts';
import { instantRules } from './types/instant.ts';
import { integerRules } from './types/integer.ts';
import type { Fault, TypeRules } from './types/rules.ts';
import { textRules } from './types/text.ts';

export const NOT_AN_OBJECT: FieldProblem = Object.freeze({
  code: 'record-malformed',
  pointer: '',
  rule: 'a JSON object',
});

/** Makes the strict validator of a contract: closures over its rules, nothing looked up or parsed per record. */
export function compileContract(contract: Contract): CompiledContract {
  const fields = contract.fields.map(compileField);
  const derived = (contract.submission.derived ?? []).map(compileField);
  return {
    contract,
    fields,
    positions: new Map(fields.map((field, index) => [field.name, index])),
    personal: contract.fields.filter((field) => field.class === 'pii').map((field) => field.name),
    validate: (value) => validateObject(fields, value),
    validateTexts: (texts) => validateTexts(fields, texts),
    validateDerived: (value) => validateObject(derived, value),
  };
}

function compileField(field: Field): CompiledField {
  const pointer = pointerTo(field.name);
  const fault = (code: ProblemCode, rule: string): FieldProblem => Object.freeze({ code, pointer, rule });
  const rules = typeRules(field, fault);
  return {
    field,
    name: field.name,
    pointer,
    check: rules.check,
    decode: rules.decode,
    missing: fault('field-missing', 'required'),
    duplicate: fault('field-duplicate', 'once'),
    wrongType: fault('field-type', field.type.kind),
  };
}

function typeRules({ type }: Field, fault: Fault): TypeRules {
  switch (type.kind) {
    case 'text':
      return textRules(type, fault);
    case 'choice':
      return choiceRules(type, fault);
    case 'integer':
      return integerRules(type, fault);
    case 'decimal':
      return decimalRules(type, fault);
    case 'date':
      return dateRules(type, fault);
    case 'instant':
      return instantRules(fault);
    case 'boolean':
      return booleanRules(fault);
    case 'email':
      return emailRules(fault);
    case 'ein':
      return einRules(fault);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function validateObject(fields: readonly CompiledField[], value: unknown): Validation {
  if (!isObject(value)) return { errors: [NOT_AN_OBJECT] };
  const keys = Object.keys(value);
  const errors: FieldProblem[] = [];
  let known = 0;
  let inOrder = true;
  for (const field of fields) {
    const { name } = field;
    if (keys[known] !== name) {
      // Absent, or in another place than the contract's; what is only inherited is absent.
      if (!Object.hasOwn(value, name)) {
        if (field.field.required) errors.push(field.missing);
        continue;
      }
      inOrder = false;
    }
    known += 1;
    const problem = field.check(value[name]);
    if (problem !== undefined) errors.push(problem);
  }
  if (known !== keys.length) {
    const names = new Set(fields.map((field) => field.name));
    const unknown = keys.filter((key) => !names.has(key));
    errors.push(...unknownNames('field-unknown', 'a field of the contract', unknown));
  }
  if (errors.length > 0) return { errors };
  return { value: inOrder ? judged(value) : rebuilt(fields, value) };
}

/** Every member has been checked, none is unknown, and they stand in contract order: the value is the record. */
function judged(value: Readonly<Record<string, unknown>>): ContractRecord {
  return value as ContractRecord;
}

function rebuilt(fields: readonly CompiledField[], value: Readonly<Record<string, unknown>>): ContractRecord {
  const record: Record<string, unknown> = {};
  for (const { name } of fields) {
    if (Object.hasOwn(value, name)) record[name] = value[name];
  }
  return judged(record);
}

function validateTexts(fields: readonly CompiledField[], texts: readonly (string | undefined)[]): Validation {
  const record: Record<string, FieldValue> = {};
  const errors: FieldProblem[] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index];
    const text = texts[index];
    if (field === undefined) break;
    // In a table an absent value is an empty cell.
    if (text === undefined || (text === '' && !mayBeEmpty(field))) {
      if (field.field.required) errors.push(field.missing);
      continue;
    }
    const decoded = field.decode(text);
    if (typeof decoded === 'object') errors.push(decoded);
    else record[field.name] = decoded;
  }
  return errors.length === 0 ? { value: record } : { errors };
}

function mayBeEmpty({ field }: CompiledField): boolean {
  return field.required && field.type.kind === 'text' && field.type.minLength === 0;
}
