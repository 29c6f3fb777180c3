/** What `compileContract` (compile.ts) makes of a contract: the strict validator of one record, as closures made once. */
import type { FieldProblem } from '../problem.ts';
import type { Contract, ContractRecord, Field } from './schema.ts';

export type FieldValue = string | number | boolean;

/** Either the record in contract order, or every problem: in contract order, then unknown fields sorted by bytes. */
export type Validation =
  | { readonly value: ContractRecord; readonly errors?: undefined }
  | { readonly value?: undefined; readonly errors: readonly FieldProblem[] };

export interface CompiledField {
  readonly field: Field;
  readonly name: string;
  /** RFC 6901 pointer into a record: `/<name>`. */
  readonly pointer: string;
  /** Judges a JSON value. Returns the same frozen problem for the same fault, or undefined. */
  check(value: unknown): FieldProblem | undefined;
  /** Reads a text (CSV cell, XML element) as this field's type, without trimming or guessing. An object is the problem. */
  decode(text: string): FieldValue | FieldProblem;
  readonly missing: FieldProblem;
  readonly duplicate: FieldProblem;
  readonly wrongType: FieldProblem;
}

export interface CompiledContract {
  readonly contract: Contract;
  readonly fields: readonly CompiledField[];
  /** Position in `fields` by name. */
  readonly positions: ReadonlyMap<string, number>;
  /** Names of the fields of class `pii`, in contract order. */
  readonly personal: readonly string[];
  /** Judges a parsed JSON value: unknown fields forbidden, nothing coerced, `null` is no value of any type. */
  validate(value: unknown): Validation;
  /** Judges texts, one per field in contract order; `undefined` and, for an optional field, the empty text mean absent. */
  validateTexts(texts: readonly (string | undefined)[]): Validation;
  /** Judges the fields that a rule pack derived (`submission.derived`), as `validate` does. */
  validateDerived(value: unknown): Validation;
}
