import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type DeploymentConfiguration, loadConfiguration } from '../../infra/config.ts';
import { readDeployment } from '../../local/template/deployment.ts';
import { Problem } from '../../shared/problem.ts';
import { EXIT } from '../exit-codes.ts';
import { writeText } from '../files.ts';
import { explain } from '../perimeter/explain.ts';
import { type Mutation, mutate, type Proof, prove } from '../perimeter/proof.ts';
import { htmlReport } from '../perimeter/report/html.ts';
import { machineReport } from '../perimeter/report/machine.ts';
import { countLines, matrixLines, mutationLines, partyLines, surpriseLines } from '../perimeter/report/text.ts';
import { answer, note, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly config: string;
  readonly profile?: 'sandbox' | 'production';
  readonly assembly?: string;
  readonly mutate?: boolean;
  readonly who?: string;
  readonly why?: readonly string[];
  readonly html?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

const ROOT = join(import.meta.dirname, '..', '..');

export const command = new Command('perimeter')
  .description(
    'Prove offline who may do what in a deployment: every principal on every resource by every action, as the tables of ' +
      'cli/perimeter/table expect it. Exit code 1 when a single case is otherwise.',
  )
  .option('--config <file>', 'the deployment’s configuration', join(ROOT, 'parapet.config.json'))
  .addOption(
    new Option('--profile <profile>', 'this profile in place of the configured one').choices(['sandbox', 'production']),
  )
  .option('--assembly <folder>', 'a synthesized assembly (cdk.out) in place of one made now')
  .option('--mutate', 'also drop and widen every statement in turn, and see whether a case notices')
  .option('--who <party>', 'only what this party may do')
  .option('--why <party action target...>', 'why this party may, or may not, do this')
  .option('--html <file>', 'write the whole matrix as one page')
  .option('--force', 'replace a page that is there')
  .option('--quiet', 'leave out the matrix')
  .action(async (options: Options) => {
    const config = configuration(options);
    const proof = prove(await deployment(config, options), config);
    if (options.why !== undefined) return answerWhy(proof, options.why, options);
    if (options.who !== undefined) return answerWho(proof, options.who, options);
    const mutation = options.mutate === true ? mutate(proof) : undefined;
    if (options.html !== undefined) {
      writeText(options.html, htmlReport(proof, mutation), { force: options.force === true });
      note(`${options.html}: the whole matrix`);
    }
    answer(options, textOf(proof, mutation, options), machineReport(proof, mutation));
    if (!isProven(proof, mutation)) process.exitCode = EXIT.failed;
  });

function configuration({ config, profile }: Options): DeploymentConfiguration {
  return loadConfiguration(config, profile === undefined ? {} : { profile });
}

/** Synthesized for this once, unless an assembly is named: what the handlers are does not matter to who may do what. */
async function deployment(config: DeploymentConfiguration, { assembly }: Options) {
  if (assembly !== undefined) return readDeployment(assembly);
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-perimeter-'));
  try {
    const { synthesize } = await import('../../infra/app.ts');
    synthesize({ config, outdir });
    return readDeployment(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function textOf(proof: Proof, mutation: Mutation | undefined, { quiet }: Options): string[] {
  return [
    ...(quiet === true ? [] : [...matrixLines(proof), '']),
    ...countLines(proof),
    ...(mutation ? ['', ...mutationLines(mutation)] : []),
    '',
    ...surpriseLines(proof),
  ];
}

function isProven({ surprises, gaps }: Proof, mutation: Mutation | undefined): boolean {
  const unexplained = mutation?.survivors.some(({ because }) => because === undefined) ?? false;
  return surprises.length === 0 && gaps.length === 0 && !unexplained;
}

function answerWho(proof: Proof, id: string, options: Options): void {
  const party = proof.world.parties.get(id);
  if (party === undefined) {
    const known = proof.world.parties.all.map((each) => each.id).join('; ');
    throw new Problem('not-found', { detail: `There is no party ${id}. There are: ${known}.` });
  }
  answer(options, partyLines(proof, party), machineReport(proof).allowed[id] ?? {});
}

function answerWhy(proof: Proof, words: readonly string[], options: Options): void {
  const [party, action, ...target] = words;
  if (party === undefined || action === undefined || target.length === 0) {
    throw new Problem('usage-invalid', { detail: '--why takes a party, an action and a target.' });
  }
  const explanations = explain(proof, party, action, target.join(' '));
  const lines = explanations.flatMap(({ what, allowed, reason, detail, statements }) => [
    `${what}: ${allowed ? 'allowed' : 'refused'} (${reason}${detail === '' ? '' : `, ${detail}`})`,
    ...statements.map((statement) => `  ${statement}`),
  ]);
  answer(options, lines, { cases: explanations });
}
