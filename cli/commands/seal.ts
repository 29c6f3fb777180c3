import { Command } from 'commander';
import { Problem } from '../../shared/problem.ts';
import { connect } from '../session/clients.ts';
import { readConnection } from '../session/connection.ts';
import { fetchEvidence } from '../session/evidence.ts';
import { readRun } from '../session/stores.ts';
import { answer, type OutputOptions } from '../terminal.ts';

export const command = new Command('seal').description('Fetch the evidence of a run, to be verified offline.');

command
  .command('fetch')
  .description('Fetch a seal, every entry it covers and the public key into a folder; "parapet verify" needs no more.')
  .argument('<run>', 'run id')
  .requiredOption('--out <folder>', 'folder to write')
  .option('--connection <file>', 'connection of the deployment (default: .parapet/up/connection.json)')
  .action(async (run: string, options: OutputOptions & { readonly out: string; readonly connection?: string }) => {
    const connection = readConnection(options.connection);
    const clients = connect(connection, 'operator');
    try {
      const seal = (await readRun(clients, connection, run))?.seal;
      if (seal === undefined) throw new Problem('run-unknown', { detail: 'It has no seal yet.', instance: run });
      await fetchEvidence(clients, connection, { run, seal }, options.out);
      answer(options, [`${options.out}: generation ${seal.generation}, ${seal.treeSize} entries`], {
        run,
        folder: options.out,
        ...seal,
      });
    } finally {
      clients.close();
    }
  });
