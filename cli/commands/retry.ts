import { Command } from 'commander';
import { connect } from '../session/clients.ts';
import { readConnection } from '../session/connection.ts';
import { retryRun } from '../session/retry.ts';
import { answer, type OutputOptions } from '../terminal.ts';

export const command = new Command('retry')
  .description('Take up a run that failed, once its cause is mended; what it had committed is not done again.')
  .argument('<run>', 'run id')
  .option('--connection <file>', 'connection of the deployment (default: .parapet/up/connection.json)')
  .action(async (run: string, options: OutputOptions & { readonly connection?: string }) => {
    const connection = readConnection(options.connection);
    const clients = connect(connection, 'operator');
    try {
      const execution = await retryRun(clients, connection, run);
      answer(options, [execution], { run, execution });
    } finally {
      clients.close();
    }
  });
