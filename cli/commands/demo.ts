import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readForeignEndpoint } from '../../local/foreign-endpoint.ts';
import { parseContract } from '../../shared/contract/parse.ts';
import { parseLedger } from '../../shared/contract/reference.ts';
import { Problem } from '../../shared/problem.ts';
import { type DemoResult, demoJson, demoLines } from '../demo/print.ts';
import { progressLine } from '../demo/progress.ts';
import { writeSamples } from '../demo/samples.ts';
import { runScenario } from '../demo/scenario.ts';
import { runSweeps } from '../demo/sweeps.ts';
import { EXIT } from '../exit-codes.ts';
import { positive } from '../numbers.ts';
import { connect } from '../session/clients.ts';
import { startDatabase } from '../session/database.ts';
import { startEmbedded } from '../session/embedded.ts';
import { answer, note, type OutputOptions } from '../terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What a demonstration leaves in its folder. */
const LEFT = { cloud: 'cloud', samples: 'samples', evidence: 'evidence' } as const;

interface DemoOptions extends OutputOptions {
  readonly folder: string;
  readonly records: number;
}

export const command = new Command('demo')
  .description('Boot the embedded cloud, upload samples (good, mixed, hostile), and say what became of every record.')
  .option(
    '--folder <folder>',
    'folder of the state; what an earlier demonstration left there is removed',
    join('.parapet', 'demo'),
  )
  .option('--records <number>', 'records of each good and mixed file', positive, 200)
  .action(async (options: DemoOptions) => {
    const result = await demonstrate(options);
    if ([...result.submissions, ...result.sweeps].some(({ asExpected }) => !asExpected) || result.iam.denied > 0)
      process.exitCode = EXIT.failed;
    answer(options, demoLines(result, options.folder), demoJson(result));
  });

async function demonstrate({ folder, records }: DemoOptions): Promise<DemoResult> {
  const began = Date.now();
  clear(folder);
  const progress = progressLine(process.stderr);
  progress.show('synthesizing the stacks and starting the embedded cloud');
  // The list of a Distributed Map is read by our own storage, and a sweep's database is this machine's: with another endpoint there is neither.
  const sweeps = readForeignEndpoint(process.env) === undefined;
  await using databases = new AsyncDisposableStack();
  const starting = sweeps ? startDatabase() : undefined;
  // Awaited when the cloud is there; a failure before that is no unhandled one.
  starting?.catch(() => undefined);
  const { cloud, connection } = await startEmbedded({
    sweeps,
    folder: join(folder, LEFT.cloud),
    tell: (line) => {
      progress.clear();
      note(line);
    },
  });
  const elsewhere = connection.storageEndpoint;
  const uploader = connect(connection, 'uploader');
  const operator = connect(connection, 'operator');
  try {
    const database = await starting;
    if (database !== undefined) databases.use(database);
    const ledger = parseLedger(readFileSync(join(ROOT, 'contracts', 'reference', 'ledger.json'), 'utf8'));
    const sampleFolder = join(folder, LEFT.samples);
    mkdirSync(sampleFolder, { recursive: true });
    const samples = writeSamples({
      contract: parseContract(readFileSync(join(ROOT, 'contracts', 'grant-submission.v1.json'), 'utf8')),
      ledger,
      folder: sampleFolder,
      records,
    });
    progress.show(`uploading ${samples.length} files`);
    const submissions = await runScenario(
      {
        connection,
        uploader,
        operator,
        dataset: 'grant-submission',
        // What another endpoint keeps stays there, and the next demonstration must not repeat what this one has submitted.
        subject: elsewhere === undefined ? 'demonstration' : `demonstration-${randomUUID()}`,
        evidence: join(folder, LEFT.evidence),
        progress: (sealed, of) => progress.show(`${sealed} of ${of} runs sealed and verified`),
      },
      samples,
    );
    const swept =
      database === undefined
        ? []
        : await runSweeps({
            cloud,
            database,
            ledger,
            evidence: join(folder, LEFT.evidence),
            progress: (what) => progress.show(what),
          });
    await cloud.idle();
    const { calls, denied, denials, unusedGrants, defects } = cloud.report();
    progress.clear();
    for (const denial of denials) note(`denied: ${JSON.stringify(denial)}`);
    for (const defect of defects) note(`defect: ${defect instanceof Error ? defect.stack : String(defect)}`);
    const iam = {
      calls,
      denied,
      unusedGrants: unusedGrants.map((grant) => grant.text),
      ...(elsewhere === undefined ? {} : { elsewhere }),
    };
    return { submissions, sweeps: swept, iam, durationMs: Date.now() - began };
  } finally {
    progress.clear();
    uploader.close();
    operator.close();
    await cloud.stop();
  }
}

/** Removes what an earlier demonstration left, and nothing else: a folder that holds more may be somebody's home. */
function clear(folder: string): void {
  if (!existsSync(folder)) return;
  const known: readonly string[] = Object.values(LEFT);
  if (readdirSync(folder).some((name) => !known.includes(name))) {
    const detail = `${folder} holds what no demonstration left there: name another folder.`;
    throw new Problem('usage-invalid', { detail });
  }
  for (const name of known) rmSync(join(folder, name), { recursive: true, force: true });
}
