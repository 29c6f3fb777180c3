/**
 * What a rule pack is: one ES module, without imports, that exports `judge(batch, configuration)`. It runs without I/O, clock
 * or randomness, sees tokens where a person's data was, and gives JSON for JSON: the same batch has the same answer.
 *
 * Its first line names it, so that the signature over the text binds name and version too, and no other signed pack can
 * stand in its place: `// parapet-rule-pack grant-rules 1`.
 *
 * `judge` gets `batch` (records in the order of the file) and the contract's `submission.rules`, and returns one
 * verdict per record, in the same order:
 *   `{}` or `{"derived": {…}}`   the record passes; `derived` holds fields that the contract declares as derived
 *   `{"errors": [{"code", "pointer", "rule"}]}`   the record is turned away; `code` is one of RULE_CODES
 */
import * as z from 'zod/mini';
import type { ContractRecord } from './contract/schema.ts';

/** Whether the text's first line names this pack and version. */
export function isNamedPack(code: string, pack: string, version: number): boolean {
  return code.startsWith(`// parapet-rule-pack ${pack} ${version}\n`);
}

/** The codes that a pack may give. */
export const RULE_CODES = [
  'rule-fund-restriction',
  'rule-fiscal-year',
  'rule-state-registration',
  'rule-form-990',
] as const;

export interface JudgedRecord {
  /** Counts from 1, in the order of the file. */
  readonly record: number;
  readonly fields: ContractRecord;
}

const RuleError = z.strictObject({
  code: z.enum(RULE_CODES),
  /** A pointer to a field, never deeper; a pack cannot smuggle a value out in one. */
  pointer: z.string().check(z.regex(/^(\/[a-z][a-z0-9_]{0,62})?$/)),
  /** The pack's own name of the rule: lower-case words, not text, and so no place for a value either. */
  rule: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/)),
});

const Passed = z.strictObject({
  derived: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
});
const TurnedAway = z.strictObject({ errors: z.array(RuleError).check(z.minLength(1), z.maxLength(50)) });

export const Verdicts = z.array(z.union([TurnedAway, Passed]));
export type Verdict = z.infer<typeof Verdicts>[number];
