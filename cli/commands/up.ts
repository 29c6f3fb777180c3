import { join } from 'node:path';
import { Command } from 'commander';
import { portNumber } from '../numbers.ts';
import { startEmbedded } from '../session/embedded.ts';
import { note } from '../terminal.ts';

interface UpOptions {
  readonly folder: string;
  readonly port: number;
}

export const command = new Command('up')
  .description(
    'Serve the embedded cloud on loopback until interrupted. State stays in its folder; a next start goes on.',
  )
  .option('--folder <folder>', 'folder of the state', join('.parapet', 'up'))
  .option('--port <port>', 'port on 127.0.0.1; 0 takes a free one', portNumber, 4566)
  .option('--json', 'the line of readiness is JSON either way')
  .action(async ({ folder, port }: UpOptions) => {
    const { cloud, connection, connectionFile } = await startEmbedded({
      folder,
      port,
      tell: note,
      onDefect: (error) => note(`defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    });
    const { accessKeyId, secretAccessKey } = cloud.credentials();
    const { landing, ...buckets } = connection.buckets;
    const ready = {
      endpoint: cloud.endpoint,
      ...(connection.storageEndpoint === undefined ? {} : { storageEndpoint: connection.storageEndpoint }),
      region: connection.region,
      accessKeyId,
      secretAccessKey,
      landingBucket: landing,
      quarantineBucket: buckets.quarantine,
      exportsBucket: buckets.exports,
      auditBucket: buckets.audit,
      tables: connection.tables,
      stateMachine: connection.stateMachine,
      custodian: connection.custodian,
      connection: connectionFile,
      token: 'npx parapet token <file>',
    };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    await interrupted();
    await cloud.stop();
  });

/** A terminal's interrupt reaches a launcher and its child, and so may come twice: the second one must not cut the stop short. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
