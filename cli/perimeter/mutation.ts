/** Whether the cases would notice: each mutant is put in the place of its policy, and some case has to come out differently. */
import { compileStatement, type Statement } from '../../shared/policy/statement.ts';
import type { Evaluator } from './evaluate.ts';
import type { Mutant } from './mutants.ts';
import { describeCase, type Question } from './question.ts';

export interface Verdict {
  readonly mutant: Mutant;
  /** The first case that came out differently. */
  readonly caughtBy: string | undefined;
  /**
   * Of a survivor: whether any request is treated differently by the statement itself. `masked`: by some, but other statements
   * decide those the same. `alike`: by none that is asked.
   */
  readonly survivor: 'masked' | 'alike' | undefined;
}

export interface Answered {
  readonly question: Question;
  /** Whether each action came out as expected. */
  readonly asExpected: readonly boolean[];
}

export function judgeMutants(
  mutants: readonly Mutant[],
  answers: readonly Answered[],
  evaluator: Evaluator,
): readonly Verdict[] {
  const byEntry = new Map<string, Answered[]>();
  for (const answered of answers) {
    const { identity, boundary, resource, endpoint } = answered.question.voices;
    for (const voice of [...identity, boundary, resource, endpoint]) {
      if (voice === undefined || !('compiled' in voice)) continue;
      const known = byEntry.get(voice.id);
      if (known) known.push(answered);
      else byEntry.set(voice.id, [answered]);
    }
  }
  return mutants.map((mutant) => judge(mutant, byEntry.get(mutant.entry.id) ?? [], evaluator));
}

function judge(mutant: Mutant, answers: readonly Answered[], evaluator: Evaluator): Verdict {
  const { entry, index, document } = mutant;
  const before = entry.compiled.statements[index];
  const after = document === undefined ? undefined : compileStatement(document, index, entry.kind, true);
  const statements = entry.compiled.statements.flatMap((statement, at) =>
    at === index ? (after ? [after] : []) : [statement],
  );
  const substitute = { entry, policy: { ...entry.compiled, statements } };
  const concerned = new Map<string, boolean>();
  const concerns = (action: string): boolean => {
    const known = concerned.get(action);
    if (known !== undefined) return known;
    const either = before?.concerns(action) === true || after?.concerns(action) === true;
    concerned.set(action, either);
    return either;
  };
  let differs = false;
  for (const { question, asExpected } of answers) {
    for (const [at, action] of question.actions.entries()) {
      if (asExpected[at] !== true || !concerns(action)) continue;
      if (naming(before, question, action) === naming(after, question, action)) continue;
      differs = true;
      if (evaluator.allows(question, action, substitute) === question.expected[at]) continue;
      return { mutant, caughtBy: describeCase(question, action), survivor: undefined };
    }
  }
  return { mutant, caughtBy: undefined, survivor: differs ? 'masked' : 'alike' };
}

/** How the statement names the caller, where it applies at all: two statements that agree in it are one to this request. */
function naming(
  statement: Statement | undefined,
  { principal, target, context }: Question,
  action: string,
): string | undefined {
  return statement?.apply({ principal, action, resource: target.arn, context })?.naming;
}
