import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import * as z from 'zod';
import { CONFIGURATION_FILE } from '../../infra/app.ts';
import { assess } from '../evidence/assessed.ts';
import { assessmentResults } from '../evidence/assessment-results.ts';
import { componentDefinition } from '../evidence/component-definition.ts';
import type { Occasion } from '../evidence/oscal.ts';
import { readText, writeText } from '../files.ts';
import { REQUIREMENTS_FILE, RESULTS_FOLDER, suiteFiles, tracedRequirements } from '../requirements/traced.ts';
import { type ProfileName, type Synthesized, synthesized } from '../templates/synthesized.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly out: string;
  readonly config: string;
  readonly profile?: ProfileName;
  readonly results: string;
  readonly force?: boolean;
}

const Ended = z.object({ at: z.iso.datetime().optional() });

export const command = new Command('evidence')
  .description(
    'Write what an auditor reads: the controls and what implements them (OSCAL component-definition), and what the last run ' +
      'of the tests says of them (OSCAL assessment-results). A control of which one requirement has no passing test is not satisfied.',
  )
  .requiredOption('--out <folder>', 'where component-definition.json and assessment-results.json go')
  .option('--config <file>', 'the deployment’s configuration', CONFIGURATION_FILE)
  .addOption(
    new Option('--profile <profile>', 'this profile in place of the configured one').choices(['sandbox', 'production']),
  )
  .option('--results <folder>', 'results of the suites', RESULTS_FOLDER)
  .option('--force', 'replace files that are there')
  .action(async ({ out, config, profile, results, force = false, json = false }: Options) => {
    const traced = tracedRequirements({ list: REQUIREMENTS_FILE, results });
    const templates = await synthesized(config, profile);
    const occasion = occasionOf(templates, results);
    const controls = assess(traced, templates);
    mkdirSync(out, { recursive: true });
    const files = {
      'component-definition.json': componentDefinition(controls, templates, occasion),
      'assessment-results.json': assessmentResults(controls, occasion),
    };
    for (const [name, document] of Object.entries(files)) {
      writeText(join(out, name), `${JSON.stringify(document, null, 2)}\n`, { force });
    }
    const satisfied = controls.filter((control) => control.satisfied).length;
    answer(
      { json },
      [
        ...controls.flatMap(({ framework, id, title, satisfied: met, claims }) => [
          `${met ? 'satisfied    ' : 'NOT SATISFIED'}  ${framework.id} ${id}  ${title}`,
          ...claims.flatMap((claim) => claim.lacks.map((lack) => `                 ${claim.id}: ${lack}`)),
        ]),
        `${satisfied} of ${controls.length} controls satisfied, by tests that ended ${occasion.until}; ${Object.keys(
          files,
        )
          .map((name) => join(out, name))
          .join(', ')}`,
      ],
      {
        files: Object.keys(files).map((name) => join(out, name)),
        controls: controls.map(({ framework, id, satisfied: met, claims }) => ({
          framework: framework.id,
          id,
          satisfied: met,
          lacks: claims.flatMap((claim) => claim.lacks),
        })),
      },
    );
  });

/** Of the tests' time, not of the writing's: the same results give the same documents. */
function occasionOf({ config }: Synthesized, results: string): Occasion {
  const times = suiteFiles(results)
    .map((file) => Ended.parse(JSON.parse(readText(file))).at ?? statSync(file).mtime.toISOString())
    .sort();
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')));
  const { deployment, profile } = config;
  return { version, deployment, profile, from: times[0] ?? '', until: times.at(-1) ?? '' };
}
