/** Every exit code of the command, in one table. `parapet --help` prints it; docs and scripts may rely on it. */
import { PROBLEMS, type ProblemCode } from '../shared/problem.ts';

export const EXIT = { ok: 0, failed: 1, refused: 2, usage: 3, missing: 4, denied: 5, unsupported: 6 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done; what was checked is valid' },
  { code: EXIT.failed, meaning: 'something that should work did not' },
  {
    code: EXIT.refused,
    meaning: 'judged and refused: an invalid contract, configuration, seal or proof, or a refused submission',
  },
  { code: EXIT.usage, meaning: 'the command was not called rightly' },
  { code: EXIT.missing, meaning: 'the thing named does not exist' },
  { code: EXIT.denied, meaning: 'access denied' },
  { code: EXIT.unsupported, meaning: 'not implemented' },
];

/** Problems whose HTTP status would not tell; every other follows from its status. */
const BY_PROBLEM: Partial<Record<ProblemCode, ExitCode>> = {
  'usage-invalid': EXIT.usage,
  'contract-untrusted': EXIT.refused,
  'rule-pack-untrusted': EXIT.refused,
  'access-denied': EXIT.denied,
};

const BY_STATUS: Readonly<Record<number, ExitCode>> = { 404: EXIT.missing, 501: EXIT.unsupported };

export function exitCodeOf(code: ProblemCode): ExitCode {
  const { status } = PROBLEMS[code];
  return BY_PROBLEM[code] ?? BY_STATUS[status] ?? (status >= 500 ? EXIT.failed : EXIT.refused);
}
