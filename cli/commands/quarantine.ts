import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { parseRun } from '../../functions/aws/run-store.ts';
import { KEYS } from '../../shared/names.ts';
import { Problem } from '../../shared/problem.ts';
import { parseQuarantineNote } from '../../shared/quarantine-note.ts';
import { EXIT } from '../exit-codes.ts';
import { type Clients, connect } from '../session/clients.ts';
import { type Connection, readConnection } from '../session/connection.ts';
import { askCustodian, parseSegmentId, segmentId } from '../session/custody.ts';
import { reportLines } from '../session/print.ts';
import { milestonesOfRun, quarantinedSegments } from '../session/report.ts';
import { readReport, storesOf } from '../session/stores.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface QuarantineOptions extends OutputOptions {
  readonly connection?: string;
}

const PROBLEMS_LIMIT_BYTES = 64 * 1024 ** 2;

export const command = new Command('quarantine').description(
  'List, explain, release and discard what was turned away. Raw records stay with the custodian.',
);

const subcommand = (name: string, description: string): Command =>
  command
    .command(name)
    .description(description)
    .option('--connection <file>', 'connection of the deployment (default: .parapet/up/connection.json)');

subcommand('list', 'List what lies in quarantine: segments of records, and uploads that were refused whole.')
  .option('--run <run>', 'of this run alone')
  .action(async (options: QuarantineOptions & { readonly run?: string }) => {
    await asOperator(options, async (clients, connection) => {
      const runs = options.run === undefined ? await quarantinedRuns(clients, connection) : [options.run];
      const { audit } = storesOf(clients, connection);
      const segments = [];
      const uploads = [];
      for (const run of runs) {
        const entries = await milestonesOfRun(audit, run);
        segments.push(...(await quarantinedSegments(entries, audit)));
        for (const entry of entries) {
          if (entry.action !== 'submission.refused' || entry.stage !== 'ingestion') continue;
          uploads.push({ run, code: entry.problem, key: KEYS.quarantinedUpload(run) });
        }
      }
      const lines = [
        ...segments.map((segment) => `${segmentId(segment)}  ${segment.records} records  ${segment.state}`),
        ...uploads.map(({ run, code, key }) => `${run}  upload refused: ${code}  ${key}`),
      ];
      answer(options, lines.length === 0 ? ['quarantine is empty'] : lines, {
        segments: segments.map((segment) => ({ id: segmentId(segment), ...segment })),
        uploads,
      });
    });
  });

subcommand('show', 'Say why the records of a segment were turned away: pointers, codes and rules, never values.')
  .argument('<segment>', 'run/stage/attempt/chunk, as list prints it')
  .action(async (id: string, options: QuarantineOptions) => {
    await asOperator(options, async (clients, connection) => {
      const { stage, run, attempt, chunk } = parseSegmentId(id);
      const key = KEYS.problems(stage, run, attempt, chunk);
      const found = await storesOf(clients, connection).quarantine.get(key, { maxBytes: PROBLEMS_LIMIT_BYTES });
      if (found === undefined) throw new Problem('not-found', { detail: key });
      const { records } = parseQuarantineNote(Buffer.from(found.bytes).toString('utf8'));
      const lines = records.flatMap(({ record, errors }) =>
        errors.map(({ code, pointer, rule }) => `record ${record}: ${code} at ${pointer || '/'} (${rule})`),
      );
      answer(options, lines, { segment: id, records });
    });
  });

subcommand(
  'release',
  'Judge a segment again at the boundary that turned it away, as a run of its own; no rule is bypassed. Exit code 2 if nothing was exported.',
)
  .argument('<segment>', 'run/stage/attempt/chunk, as list prints it')
  .action((id: string, options: QuarantineOptions) => decide('release', id, options));

subcommand('discard', 'Destroy the records of a segment. Its entries and problems stay.')
  .argument('<segment>', 'run/stage/attempt/chunk, as list prints it')
  .action((id: string, options: QuarantineOptions) => decide('discard', id, options));

async function decide(action: 'release' | 'discard', id: string, options: QuarantineOptions): Promise<void> {
  await asOperator(options, async (clients, connection) => {
    const run = await askCustodian(clients, connection, action, parseSegmentId(id));
    const report = await readReport(clients, connection, run);
    if (action === 'release' && report.records.exported === 0) process.exitCode = EXIT.refused;
    answer(options, reportLines(report), { action, segment: id, ...report });
  });
}

async function asOperator(
  { connection: file }: QuarantineOptions,
  act: (clients: Clients, connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = readConnection(file);
  const clients = connect(connection, 'operator');
  try {
    await act(clients, connection);
  } finally {
    clients.close();
  }
}

async function quarantinedRuns({ dynamodb }: Clients, { tables }: Connection): Promise<string[]> {
  const runs: string[] = [];
  let start: Record<string, never> | undefined;
  do {
    const page = await dynamodb.send(new ScanCommand({ TableName: tables.runs, ExclusiveStartKey: start }));
    for (const item of page.Items ?? []) {
      const { run, outcome, counts } = parseRun(item);
      if (outcome === 'refused' || (counts?.quarantined ?? 0) > 0) runs.push(run);
    }
    start = page.LastEvaluatedKey as typeof start;
  } while (start !== undefined);
  return runs.toSorted();
}
