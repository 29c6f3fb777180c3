import { join } from 'node:path';
import { Command, Option } from 'commander';
import { CONFIGURATION_FILE } from '../../infra/app.ts';
import { openDeployed } from '../deployed/deployed.ts';
import { EXIT } from '../exit-codes.ts';
import { readAttestations } from '../posture/attestations.ts';
import { CHECKLIST, type JudgedRow, judge } from '../posture/judge.ts';
import type { State } from '../posture/row.ts';
import { readConnection } from '../session/connection.ts';
import { type ProfileName, synthesized } from '../templates/synthesized.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly config: string;
  readonly profile?: ProfileName;
  readonly connection?: string;
  readonly attestations?: string;
}

const ROOT = join(import.meta.dirname, '..', '..');

export const command = new Command('posture')
  .description(
    'Run the production checklist against a configuration, or against a deployed stack: pass, fail, not applicable, or not ' +
      'checked and why. Exit code 1 as soon as one row fails.',
  )
  .option('--config <file>', 'the deployment’s configuration', CONFIGURATION_FILE)
  .addOption(
    new Option('--profile <profile>', 'this profile in place of the configured one').choices(['sandbox', 'production']),
  )
  .option('--connection <file>', 'ask this deployed stack as well (cdk’s outputs file, or parapet up’s connection)')
  .option('--attestations <file>', 'who answers for what nothing here can see, as JSON (docs/operations.md)')
  .action(posture);

async function posture({ config, profile, connection, attestations: file, json = false }: Options): Promise<void> {
  const templates = await synthesized(config, profile);
  const view = { ...templates, root: ROOT };
  const attestations =
    file === undefined
      ? {}
      : readAttestations(
          file,
          CHECKLIST.flatMap(({ rows }) => rows),
        );
  const deployed = connection === undefined ? undefined : await openDeployed(readConnection(connection), templates);
  try {
    const rows = await judge(view, { attestations, ...(deployed === undefined ? {} : { deployed }) });
    const of = (state: State): number => rows.filter((row) => row.state === state).length;
    const totals = {
      pass: of('pass'),
      fail: of('fail'),
      notApplicable: of('not-applicable'),
      notChecked: of('not-checked'),
    };
    const against = deployed === undefined ? 'configuration' : 'stack';
    const { deployment: name, profile: chosen } = templates.config;
    answer(
      { json },
      [
        `Production checklist, against the ${against} of ${name} (${chosen})`,
        ...rows.flatMap((row, index) => linesOf(row, rows[index - 1])),
        '',
        `${totals.pass} pass, ${totals.fail} fail, ${totals.notApplicable} not applicable, ${totals.notChecked} not checked`,
      ],
      { deployment: name, profile: chosen, against, rows, totals },
    );
    if (totals.fail > 0) process.exitCode = EXIT.failed;
  } finally {
    deployed?.close();
  }
}

const MARKS: Readonly<Record<State, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  'not-applicable': 'n/a ',
  'not-checked': '?   ',
};

function linesOf({ section, item, state, because, seen }: JudgedRow, before: JudgedRow | undefined): string[] {
  const shown = seen.length > 6 ? [...seen.slice(0, 6), `and ${seen.length - 6} more`] : seen;
  return [
    ...(section === before?.section ? [] : ['', section]),
    `  ${MARKS[state]}  ${item}`,
    `        ${because}`,
    ...(shown.length === 0 ? [] : [`        seen: ${shown.join(', ')}`]),
  ];
}
