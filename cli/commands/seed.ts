import { Command } from 'commander';
import { connect } from '../session/clients.ts';
import { readConnection } from '../session/connection.ts';
import { seed } from '../session/seed.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface SeedOptions extends OutputOptions {
  readonly connection?: string;
  readonly contracts: string;
  readonly rules: string;
  readonly reference: string;
}

export const command = new Command('seed')
  .description('Fill the registries from files: signed contracts and rule packs, issuers, ledger, destinations.')
  .option('--connection <file>', 'connection of the deployment (default: .parapet/up/connection.json)')
  .option('--contracts <folder>', 'signed contracts', 'contracts')
  .option('--rules <folder>', 'signed rule packs', 'rules')
  .option('--reference <folder>', 'ledger.json, issuers.json, destinations.json', 'contracts/reference')
  .action(async (options: SeedOptions) => {
    const connection = readConnection(options.connection);
    const clients = connect(connection, 'steward');
    try {
      const counts = await seed(clients.dynamodb, connection.tables, options);
      answer(
        options,
        Object.entries(counts).map(([table, count]) => `${table}: ${count} items`),
        counts,
      );
    } finally {
      clients.close();
    }
  });
