import { Command } from 'commander';
import { type Connection, readConnection } from '../session/connection.ts';
import { issuerOf } from '../session/issuer.ts';
import { tokenFor } from '../session/submission.ts';
import { answer, type OutputOptions } from '../terminal.ts';

export interface TokenCommandOptions extends OutputOptions {
  readonly connection?: string;
  readonly dataset: string;
  readonly key?: string;
  readonly subject: string;
  readonly idempotencyKey?: string;
  readonly issuer?: string;
  readonly issuerKey?: string;
}

/** The options with which `token` and `submit` both say what a token claims. */
export function withTokenOptions(command: Command): Command {
  return command
    .option('--connection <file>', 'connection of the deployment (default: .parapet/up/connection.json)')
    .option('--dataset <name>', 'dataset, which names the contract', 'grant-submission')
    .option('--key <key>', "object key in the landing bucket (token: default the file's name, in any folder)")
    .option('--subject <name>', 'who submits', 'developer')
    .option('--idempotency-key <key>', 'names the submission; default: the digest of its payload')
    .option('--issuer <name>', 'issuer, where the deployment has none of its own')
    .option('--issuer-key <file>', "the issuer's private P-256 key (PEM)");
}

export function mintFor(file: string, options: TokenCommandOptions, connection: Connection): Promise<string> {
  const { dataset, subject, key, idempotencyKey } = options;
  return tokenFor(file, {
    connection,
    ...issuerOf(connection, { issuer: options.issuer, key: options.issuerKey }),
    subject,
    dataset,
    ...(key === undefined ? {} : { key }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}

export const command = withTokenOptions(
  new Command('token')
    .description('Mint a submission token for a file: bound to its digest, valid once, for fifteen minutes.')
    .argument('<file>', 'the file that will be uploaded'),
).action(async (file: string, options: TokenCommandOptions) => {
  const token = await mintFor(file, options, readConnection(options.connection));
  answer(options, [token], { file, token });
});
