/** The answers as rows of a matrix: one row per view, target, action and deviation, one cell per party. */
import type { Party } from '../parties.ts';
import type { Proof } from '../proof.ts';
import type { View } from '../question.ts';

/**
 * - `allowed`, `refused`: as the tables say.
 * - `open`, `shut`: allowed, or refused, although the tables say otherwise.
 */
export type Cell = 'allowed' | 'refused' | 'open' | 'shut';

export interface Row {
  readonly view: View;
  readonly target: string;
  readonly action: string;
  /** What was changed about the request; none for one as it should be. */
  readonly deviation: string | undefined;
  /** By the party's place among the proof's; `undefined`: not asked. */
  readonly cells: readonly (Cell | undefined)[];
}

const CELL = (expected: boolean, asExpected: boolean): Cell => {
  if (asExpected) return expected ? 'allowed' : 'refused';
  return expected ? 'shut' : 'open';
};

export function matrixOf({ answers, world }: Pick<Proof, 'answers' | 'world'>, view?: View): readonly Row[] {
  const columns = new Map(world.parties.all.map((party, index) => [party.id, index]));
  const rows = new Map<string, Row & { readonly cells: (Cell | undefined)[] }>();
  for (const { question, asExpected } of answers) {
    if (view !== undefined && question.view !== view) continue;
    const { target, deviation, party, expected } = question;
    for (const [index, action] of question.actions.entries()) {
      const key = `${question.view}|${target.id}|${deviation?.id ?? ''}|${action}`;
      const row = rows.get(key) ?? {
        view: question.view,
        target: target.id,
        action,
        deviation: deviation?.id,
        cells: new Array<Cell | undefined>(columns.size).fill(undefined),
      };
      rows.set(key, row);
      row.cells[columns.get(party.id) ?? 0] = CELL(expected[index] === true, asExpected[index] === true);
    }
  }
  return [...rows.values()];
}

/** Which parties a person looks at first: those of the templates, the root user and the administrators. */
export const isPrincipal = ({ kind }: Party): boolean =>
  kind === 'code' || kind === 'serving' || kind === 'person' || kind === 'insider';
