import { pointerTo } from '../contract/names.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { contradictions } from './contradictions.ts';
import { openDecisions } from './draft.ts';
import { Equivalence } from './schema.ts';

/**
 * Reads the contract of a sweep. Throws Problem('configuration-invalid') with a pointer to each mistake; a contract's own text is no secret
 * and holds no person, so that its names may stand in the rules. Its values (of filters) may not.
 */
export function parseEquivalence(text: string): Equivalence {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Not given as the cause: the message of a SyntaxError quotes the text.
    throw new Problem('configuration-invalid', { detail: 'The contract is not JSON.' });
  }
  const open = openDecisions(document);
  if (open.length > 0) {
    throw new Problem('configuration-invalid', {
      detail: `The contract is a draft: ${open.length} ${open.length === 1 ? 'decision is' : 'decisions are'} open.`,
      errors: open.map(({ pointer, question }) => ({
        code: 'configuration-invalid',
        pointer,
        rule: `to be decided: ${question}`,
      })),
    });
  }
  const parsed = Equivalence.safeParse(document);
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map((issue) => ({
        code: 'configuration-invalid',
        pointer: issue.path.map((step) => pointerTo(String(step))).join(''),
        rule: issue.message,
      })),
    );
  }
  const mistakes = contradictions(parsed.data);
  if (mistakes.length > 0) throw invalid(mistakes);
  return parsed.data;
}

const invalid = (errors: readonly FieldProblem[]): Problem =>
  new Problem('configuration-invalid', { detail: 'The contract of the sweep is not valid.', errors });
