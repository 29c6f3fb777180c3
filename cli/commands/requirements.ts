import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import * as z from 'zod';
import { Problem } from '../../shared/problem.ts';
import { EXIT } from '../exit-codes.ts';
import { readText } from '../files.ts';
import { answer, type OutputOptions } from '../terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');

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

interface Options extends OutputOptions {
  readonly list: string;
  readonly results: string;
}

export const command = new Command('requirements')
  .description('List which requirements had passing tests in the last run of each suite, and which had none.')
  .option('--list <file>', 'the requirements', join(ROOT, 'docs', 'requirements.json'))
  .option('--results <folder>', 'results of the suites', join(ROOT, '.parapet', 'test-results'))
  .action((options: Options) => {
    const rows = tracedRequirements(options);
    if (rows.some(({ state }) => state === 'failing')) process.exitCode = EXIT.refused;
    const of = (state: RequirementState): number => rows.filter((row) => row.state === state).length;
    const totals = { passing: of('passing'), failing: of('failing'), untested: of('untested') };
    const lines = rows.map(({ id, state, passed, requirement }) => {
      return `${id}  ${state.padEnd(8)}  ${String(passed || '').padStart(4)}  ${requirement}`;
    });
    const summary = `${totals.passing} with passing tests, ${totals.failing} failing, ${totals.untested} without a test`;
    answer(options, [...lines, summary], { requirements: rows, totals });
  });

type RequirementState = 'passing' | 'failing' | 'untested';

interface Traced {
  readonly id: string;
  readonly requirement: string;
  /** `failing` as soon as one test fails; a test that was skipped proves nothing. */
  readonly state: RequirementState;
  /** Number of tests. */
  readonly passed: number;
  readonly failed: number;
  readonly files: readonly string[];
}

function tracedRequirements({ list, results }: Options): Traced[] {
  const { groups } = parseJson(Requirements, list);
  const tests = suiteFiles(results).flatMap((file) => parseJson(SuiteResult, file).requirements);
  return groups.flatMap(({ requirements }) =>
    requirements.map(({ id, requirement }) => {
      const mine = tests.filter(({ ids }) => ids.includes(id));
      const passed = mine.filter(({ state }) => state === 'passed').length;
      const failed = mine.filter(({ state }) => state === 'failed').length;
      const state = failed > 0 ? 'failing' : passed > 0 ? 'passing' : 'untested';
      return { id, requirement, state, passed, failed, files: [...new Set(mine.map(({ file }) => file))].sort() };
    }),
  );
}

function suiteFiles(folder: string): string[] {
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
