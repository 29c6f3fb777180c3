import { Problem, type ProblemCode } from '../problem.ts';

/** What a declared rule may change. A verdict carries how often each one did. */
export const LOSSY_RULES = ['scale', 'padding', 'nfc', 'precision', 'negative-zero'] as const;
export type LossyRule = (typeof LOSSY_RULES)[number];

/** Why a value cannot be encoded: a kind of mistake, without the value. */
export type Refusal = Extract<
  ProblemCode,
  'field-type' | 'field-format' | 'field-range' | 'field-length' | 'field-characters'
>;

/** What is noted about one column while its values are encoded: how often each rule changed one. */
export class ColumnNotes {
  readonly column: string;
  readonly #changed: Record<LossyRule, number> = { scale: 0, padding: 0, nfc: 0, precision: 0, 'negative-zero': 0 };

  constructor(column: string) {
    this.column = column;
  }

  changed(rule: LossyRule): void {
    this.#changed[rule] += 1;
  }

  /** Values that each rule changed. */
  get counts(): Readonly<Record<LossyRule, number>> {
    return { ...this.#changed };
  }

  /** Throws: the value is not one that the contract declares. Names the column and the rule, never the value. */
  refuse(code: Refusal, rule: string): never {
    // RFC 6901, section 3: `~` and `/` are escaped.
    const pointer = `/${this.column.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    throw new Problem(code, { detail: `Column ${this.column}: ${rule}.`, errors: [{ code, pointer, rule }] });
  }
}
