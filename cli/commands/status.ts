import { Command } from 'commander';
import { connect } from '../session/clients.ts';
import { readConnection } from '../session/connection.ts';
import { reportLines } from '../session/print.ts';
import { readReport } from '../session/stores.ts';
import { answer, type OutputOptions } from '../terminal.ts';

export const command = new Command('status')
  .description('Say what became of a run: each boundary, its exports, what is quarantined and why, its seal.')
  .argument('<run>', 'run id')
  .option('--connection <file>', 'connection of the deployment (default: .parapet/up/connection.json)')
  .action(async (run: string, options: OutputOptions & { readonly connection?: string }) => {
    const connection = readConnection(options.connection);
    const clients = connect(connection, 'operator');
    try {
      const report = await readReport(clients, connection, run);
      answer(options, reportLines(report), report);
    } finally {
      clients.close();
    }
  });
