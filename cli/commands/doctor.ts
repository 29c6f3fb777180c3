import { Command, Option } from 'commander';
import { CONFIGURATION_FILE } from '../../infra/app.ts';
import { openDeployed } from '../deployed/deployed.ts';
import { AFTER } from '../doctor/after/after.ts';
import { BEFORE } from '../doctor/before/before.ts';
import { type Check, counted, type Diagnosis, diagnose, type Severity } from '../doctor/finding.ts';
import { EXIT } from '../exit-codes.ts';
import { readConnection } from '../session/connection.ts';
import { type ProfileName, synthesized } from '../templates/synthesized.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly config: string;
  readonly profile?: ProfileName;
  readonly connection?: string;
}

export const command = new Command('doctor')
  .description(
    'Look at a configuration before it is deployed (offline), or with --connection at a deployed stack (questions that only ' +
      'read): what is wrong, and what to do. Exit code 1 when there is a problem; warnings and what could not be asked leave 0.',
  )
  .option('--config <file>', 'the deployment’s configuration', CONFIGURATION_FILE)
  .addOption(
    new Option('--profile <profile>', 'this profile in place of the configured one').choices(['sandbox', 'production']),
  )
  .option('--connection <file>', 'the deployed stack (cdk’s outputs file, or parapet up’s connection)')
  .action(async ({ config, profile, connection, json = false }: Options) => {
    const templates = await synthesized(config, profile);
    const { titles, found } =
      connection === undefined
        ? { titles: BEFORE, found: await diagnose(BEFORE, templates) }
        : await afterwards(connection, templates);
    const of = (severity: Severity): number => found.filter((each) => each.severity === severity).length;
    const totals = { problems: of('problem'), warnings: of('warning'), unasked: of('unasked') };
    const subject = connection === undefined ? 'configuration' : 'stack';
    answer(
      { json },
      [
        `The ${subject} of ${templates.config.deployment} (${templates.config.profile})`,
        ...titles.flatMap((check) => linesOf(check, found)),
        '',
        `${counted(totals.problems, 'problems')}, ${counted(totals.warnings, 'warnings')}, ${counted(totals.unasked, 'questions')} without an answer`,
      ],
      { deployment: templates.config.deployment, profile: templates.config.profile, subject, findings: found, totals },
    );
    if (totals.problems > 0) process.exitCode = EXIT.failed;
  });

async function afterwards(file: string, templates: Awaited<ReturnType<typeof synthesized>>) {
  const deployed = await openDeployed(readConnection(file), templates);
  try {
    return { titles: AFTER, found: await diagnose(AFTER, deployed) };
  } finally {
    deployed.close();
  }
}

const MARKS: Readonly<Record<Severity, string>> = {
  problem: 'PROBLEM',
  warning: 'warning',
  unasked: '?      ',
  well: 'well   ',
};

function linesOf({ id, title }: Pick<Check<never>, 'id' | 'title'>, found: readonly Diagnosis[]): string[] {
  return [
    '',
    title,
    ...found
      .filter(({ check }) => check === id)
      .flatMap(({ severity, what, remedy }) => [
        `  ${MARKS[severity]}  ${what}`,
        ...(remedy === undefined ? [] : [`           → ${remedy}`]),
      ]),
  ];
}
