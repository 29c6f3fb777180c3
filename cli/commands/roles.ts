import { Command, InvalidArgumentError } from 'commander';
import { parsePostgresUrl } from '../../functions/sweep/engines/postgres/place.ts';
import { Session } from '../../functions/sweep/engines/postgres/session.ts';
import { PEOPLE, roleOf, SERVICE_ACCOUNTS } from '../../infra/people/matrix.ts';
import { parseEquivalence } from '../../shared/equivalence/parse.ts';
import { EXIT } from '../exit-codes.ts';
import { readText } from '../files.ts';
import { type Desired, desiredState } from '../roles/desired.ts';
import { driftOf } from '../roles/drift.ts';
import { matrixLines } from '../roles/print.ts';
import { rolesScript } from '../roles/script.ts';
import { tablesOf } from '../roles/views.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface DatabaseOptions extends OutputOptions {
  readonly contract: readonly string[];
  readonly side?: 'source' | 'target';
  readonly connections?: number;
}

export const command = new Command('roles')
  .description('The matrix of people and service accounts: who may do what, in AWS and in a PostgreSQL.')
  .action((options: OutputOptions) => {
    const people = Object.fromEntries(PEOPLE.map((person) => [person, roleOf(person)]));
    answer(options, matrixLines(), { people, serviceAccounts: SERVICE_ACCOUNTS });
  });

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 99999');
  return value;
}

const described = (name: string, description: string): Command =>
  command
    .command(name)
    .description(description)
    .option(
      '--contract <file>',
      'a sweep’s contract: its tables in PostgreSQL, and what in them is personal',
      collect,
      [],
    )
    .option('--side <side>', 'only this side of the contracts lies here (source, target)')
    .option('--connections <number>', 'sessions at once that a sweep may have here', wholeNumber);

described('sql', 'Print the SQL that makes the roles of the matrix in one database. Running it again changes nothing.')
  .requiredOption('--database <name>', 'the database that it is for')
  .action(({ database, ...options }: DatabaseOptions & { readonly database: string }) => {
    const sql = rolesScript(stateOf(database, options));
    answer(options, [sql.trimEnd()], { database, sql });
  });

described(
  'check',
  'Say what differs between a database and the matrix, and change nothing. Exit code 2 where something does.',
)
  .requiredOption('--url <url>', 'postgres://user:password@host:port/database')
  .action(async ({ url, ...options }: DatabaseOptions & { readonly url: string }) => {
    const place = parsePostgresUrl(url);
    const session = await Session.connect(place);
    try {
      const drift = await driftOf(session, stateOf(place.database, options));
      const lines = drift.map(({ kind, what }) => `${kind === 'missing' ? 'missing' : 'extra  '}  ${what}`);
      answer(options, drift.length === 0 ? ['as the matrix says'] : lines, { database: place.database, drift });
      if (drift.length > 0) process.exitCode = EXIT.refused;
    } finally {
      await session.close();
    }
  });

function stateOf(database: string, { contract, side, connections }: DatabaseOptions): Desired {
  const tables = contract.flatMap((file) => {
    const parsed = parseEquivalence(readText(file));
    return tablesOf(parsed, side);
  });
  return desiredState({
    database,
    tables,
    ...(connections === undefined ? {} : { connections: { sweep: connections } }),
  });
}
