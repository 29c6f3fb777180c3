/** Which requirement had passing tests in the last run of each suite. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { Problem } from '../../shared/problem.ts';
import { readText } from '../files.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const REQUIREMENTS_FILE = join(ROOT, 'docs', 'requirements.json');
export const RESULTS_FOLDER = join(ROOT, '.parapet', 'test-results');

const Requirements = z.strictObject({
  groups: z.array(
    z.strictObject({
      title: z.string(),
      requirements: z.array(z.strictObject({ id: z.string().regex(/^[BSTP]\d{2}$/), requirement: z.string() })),
    }),
  ),
});

/** What test/requirements-reporter.ts leaves behind, one file per suite. */
const SuiteResult = z.object({
  requirements: z.array(z.object({ ids: z.array(z.string()), title: z.string(), file: z.string(), state: z.string() })),
});

export type RequirementState = 'passing' | 'failing' | 'untested';

export interface TracedTest {
  readonly title: string;
  readonly file: string;
  readonly state: string;
}

export interface Traced {
  readonly id: string;
  readonly requirement: string;
  /** `failing` as soon as one test fails; a test that was skipped proves nothing. */
  readonly state: RequirementState;
  readonly tests: readonly TracedTest[];
}

/** @throws Problem `not-found` where no suite has left results */
export function tracedRequirements({ list = REQUIREMENTS_FILE, results = RESULTS_FOLDER } = {}): Traced[] {
  const { groups } = parseJson(Requirements, list);
  const tests = suiteFiles(results).flatMap((file) => parseJson(SuiteResult, file).requirements);
  return groups.flatMap(({ requirements }) =>
    requirements.map(({ id, requirement }) => {
      const mine = tests
        .filter(({ ids }) => ids.includes(id))
        .map(({ title, file, state }) => ({ title, file, state }));
      const some = (outcome: string): boolean => mine.some(({ state }) => state === outcome);
      const state = some('failed') ? 'failing' : some('passed') ? 'passing' : 'untested';
      return { id, requirement, state, tests: mine };
    }),
  );
}

/** Newest first or last does not matter: each suite has one file, which its next run replaces. */
export function suiteFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  if (names.length === 0) throw new Problem('not-found', { detail: `${folder} holds no results: run npm test first.` });
  return names.sort().map((name) => join(folder, name));
}

function parseJson<Shape extends z.ZodType>(schema: Shape, file: string): z.infer<Shape> {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('configuration-invalid', { detail: `${file} is not JSON.` });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Problem('configuration-invalid', { detail: `${file} does not have its form.` });
  return parsed.data;
}
