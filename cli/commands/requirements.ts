import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import {
  REQUIREMENTS_FILE,
  RESULTS_FOLDER,
  type RequirementState,
  tracedRequirements,
} from '../requirements/traced.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly list: string;
  readonly results: string;
}

export const command = new Command('requirements')
  .description('List which requirements had passing tests in the last run of each suite, and which had none.')
  .option('--list <file>', 'the requirements', REQUIREMENTS_FILE)
  .option('--results <folder>', 'results of the suites', RESULTS_FOLDER)
  .action((options: Options) => {
    const rows = tracedRequirements(options).map(({ id, requirement, state, tests }) => ({
      id,
      requirement,
      state,
      passed: tests.filter((test) => test.state === 'passed').length,
      failed: tests.filter((test) => test.state === 'failed').length,
      files: [...new Set(tests.map(({ file }) => file))].sort(),
    }));
    if (rows.some(({ state }) => state === 'failing')) process.exitCode = EXIT.refused;
    const of = (state: RequirementState): number => rows.filter((row) => row.state === state).length;
    const totals = { passing: of('passing'), failing: of('failing'), untested: of('untested') };
    const lines = rows.map(({ id, state, passed, requirement }) => {
      return `${id}  ${state.padEnd(8)}  ${String(passed || '').padStart(4)}  ${requirement}`;
    });
    const summary = `${totals.passing} with passing tests, ${totals.failing} failing, ${totals.untested} without a test`;
    answer(options, [...lines, summary], { requirements: rows, totals });
  });
