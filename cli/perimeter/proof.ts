/** The whole proof: every case asked, every surprise named; and, on demand, every mutant tried. */
import type { Deployment } from '../../local/service.ts';
import { createEvaluator, type Evaluator } from './evaluate.ts';
import { makeExpectation } from './expectation.ts';
import { makeMutants } from './mutants.ts';
import { type Answered, judgeMutants, type Verdict } from './mutation.ts';
import { describeCase, type View } from './question.ts';
import { makeQuestions } from './questions.ts';
import { KNOWN_SURVIVORS } from './table/survivors.ts';
import { type Configured, readWorld, type World } from './world.ts';

export const VIEWS: readonly View[] = ['deployed', 'role', 'boundary', 'resource', 'endpoint'];

export interface Count {
  readonly cases: number;
  readonly allowed: number;
}

export interface Surprise {
  /** `ingestion: s3:GetObject on vault/…` */
  readonly what: string;
  readonly view: View;
  /** What the templates do; the tables expect the other. */
  readonly actual: 'allowed' | 'refused';
}

export interface Proof {
  readonly world: World;
  readonly answers: readonly Answered[];
  readonly evaluator: Evaluator;
  readonly counts: Readonly<Record<View, Count>>;
  readonly surprises: readonly Surprise[];
  /** What the templates hold and the tables do not name, or the other way round. */
  readonly gaps: readonly string[];
}

export function prove(deployment: Deployment, configured: Configured = NOTHING): Proof {
  const world = readWorld(deployment, configured);
  const expectation = makeExpectation(world.parties.all, world.targets, world);
  const evaluator = createEvaluator();
  const counts: Record<View, { cases: number; allowed: number }> = {
    deployed: { cases: 0, allowed: 0 },
    role: { cases: 0, allowed: 0 },
    boundary: { cases: 0, allowed: 0 },
    resource: { cases: 0, allowed: 0 },
    endpoint: { cases: 0, allowed: 0 },
  };
  const surprises: Surprise[] = [];
  const answers = makeQuestions(world, expectation).map((question): Answered => {
    const { view, actions, expected } = question;
    const count = counts[view];
    const asExpected = actions.map((action, index) => {
      const allowed = evaluator.allows(question, action);
      count.cases += 1;
      if (allowed) count.allowed += 1;
      if (allowed === expected[index]) return true;
      surprises.push({ what: describeCase(question, action), view, actual: allowed ? 'allowed' : 'refused' });
      return false;
    });
    return { question, asExpected };
  });
  const gaps = [
    ...world.unlisted.map((what) => `not in the tables: ${what}`),
    ...expectation.idle.map((line) => `in the tables, and nowhere else: ${line}`),
  ];
  return { world, answers, evaluator, counts, surprises, gaps };
}

const NOTHING: Configured = { uploaders: [], partnerExportBuckets: [], connections: {} };

export interface Survivor {
  readonly verdict: Verdict;
  /** Why no case can catch it; `undefined` where nobody has said so. */
  readonly because: string | undefined;
}

export interface Mutation {
  readonly verdicts: readonly Verdict[];
  readonly caught: number;
  readonly survivors: readonly Survivor[];
  /** Reasons that no survivor has any more. */
  readonly stale: readonly string[];
}

export function mutate({ world, answers, evaluator }: Proof): Mutation {
  const verdicts = judgeMutants(makeMutants(world.policies), answers, evaluator);
  const survivors = verdicts
    .filter(({ caughtBy }) => caughtBy === undefined)
    .map((verdict): Survivor => ({ verdict, because: reasonFor(verdict)?.because }));
  const used = new Set(survivors.map(({ because }) => because));
  return {
    verdicts,
    caught: verdicts.length - survivors.length,
    survivors,
    stale: KNOWN_SURVIVORS.filter(({ because }) => !used.has(because)).map(({ statement }) => statement.source),
  };
}

const reasonFor = ({ mutant }: Verdict) =>
  KNOWN_SURVIVORS.find(({ statement, change }) => statement.test(mutant.statement) && change.test(mutant.change));
