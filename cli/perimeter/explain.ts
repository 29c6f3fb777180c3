/** Why one party may, or may not, do one thing: the decision, and the statements that made it. */
import { decide } from '../../shared/policy/decide.ts';
import { Problem } from '../../shared/problem.ts';
import { spokenPolicies } from './evaluate.ts';
import type { Proof } from './proof.ts';
import { describeCase, type Question } from './question.ts';

export interface Explanation {
  readonly what: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly detail: string;
  /** `VaultBucket DenyUnnamedPrincipals` */
  readonly statements: readonly string[];
}

/**
 * Every way in which the question was asked, everything deployed: as it should be, and with each deviation.
 * @throws Problem `not-found` when the tables have no such party, action or target.
 */
export function explain({ answers }: Proof, party: string, action: string, target: string): readonly Explanation[] {
  const asked = answers
    .map(({ question }) => question)
    .filter(
      (question) =>
        question.view === 'deployed' &&
        question.party.id === party &&
        question.target.id === target &&
        question.actions.includes(action),
    );
  if (asked.length > 0) return asked.map((question) => explained(question, action));
  throw new Problem('not-found', { detail: `Nobody asks whether ${party} may ${action} on ${target}.` });
}

function explained(question: Question, action: string): Explanation {
  const { principal, context, target } = question;
  const decision = decide({ principal, action, resource: target.arn, context }, spokenPolicies(question));
  return {
    what: describeCase(question, action),
    allowed: decision.decision === 'allow',
    reason: decision.reason,
    detail: decision.detail,
    statements: decision.matched.map(({ policy, sid, statement }) => `${policy} ${sid ?? `#${statement}`}`),
  };
}
