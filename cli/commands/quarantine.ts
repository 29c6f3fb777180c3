import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { parseRun } from '../../functions/aws/run-store.ts';
import { KEYS } from '../../shared/names.ts';
import { Problem } from '../../shared/problem.ts';
import { parseQuarantineNote } from '../../shared/quarantine-note.ts';
import { EXIT } from '../exit-codes.ts';
import { type Clients, connect } from '../session/clients.ts';
import { type Connection, readConnection } from '../session/connection.ts';
import { askCustodian, parseQuarantineId, quarantineId } from '../session/custody.ts';
import { keptUploads, refusalOf } from '../session/kept-uploads.ts';
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
      const stores = storesOf(clients, connection);
      const segments = [];
      for (const run of runs) {
        segments.push(...(await quarantinedSegments(await milestonesOfRun(stores.audit, run), stores.audit)));
      }
      const uploads = (await keptUploads(stores, runs)).map((upload) => ({
        id: quarantineId({ run: upload.run, upload: 'copy' }),
        ...upload,
      }));
      const lines = [
        ...segments.map((segment) => `${quarantineId(segment)}  ${segment.records} records  ${segment.state}`),
        ...uploads.map(({ id, code, bytes, state }) => `${id}  whole upload: ${code}  ${sizeOf(bytes)}${state}`),
      ];
      answer(options, lines.length === 0 ? ['quarantine is empty'] : lines, {
        segments: segments.map((segment) => ({ id: quarantineId(segment), ...segment })),
        uploads,
      });
    });
  });

subcommand('show', 'Say why records or an upload were turned away: pointers, codes and rules, never values.')
  .argument('<segment>', 'run/stage/attempt/chunk or run/upload, as list prints it')
  .action(async (id: string, options: QuarantineOptions) => {
    await asOperator(options, async (clients, connection) => {
      const asked = parseQuarantineId(id);
      if ('upload' in asked) return showUpload(clients, connection, asked.run, options);
      const { stage, run, attempt, chunk } = asked;
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

subcommand('discard', 'Destroy the records of a segment, or an upload kept whole. Its entries and problems stay.')
  .argument('<segment>', 'run/stage/attempt/chunk or run/upload, as list prints it')
  .action((id: string, options: QuarantineOptions) => decide('discard', id, options));

async function decide(action: 'release' | 'discard', id: string, options: QuarantineOptions): Promise<void> {
  await asOperator(options, async (clients, connection) => {
    const run = await askCustodian(clients, connection, action, parseQuarantineId(id));
    const report = await readReport(clients, connection, run);
    if (action === 'release' && report.records.exported === 0) process.exitCode = EXIT.refused;
    answer(options, reportLines(report), { action, segment: id, ...report });
  });
}

const sizeOf = (bytes: number | null): string => (bytes === null ? '' : `${bytes} bytes  `);

/** A refused upload has its problem document; one that was kept for the sake of single records is named by theirs. */
async function showUpload(
  clients: Clients,
  connection: Connection,
  run: string,
  options: OutputOptions,
): Promise<void> {
  const stores = storesOf(clients, connection);
  const [upload] = await keptUploads(stores, [run]);
  const id = quarantineId({ run, upload: 'copy' });
  if (upload === undefined) throw new Problem('not-found', { detail: id });
  const { code, bytes, state } = upload;
  if (code === 'record-too-large') {
    const records = await oversized(clients, connection, run);
    const lines = records.map(({ record, start, end }) => `record ${record}: ${code}, bytes ${start} to ${end}`);
    answer(options, [`${id}  ${sizeOf(bytes)}${state}`, ...lines], { upload: id, ...upload, records });
    return;
  }
  const { title, detail } = await refusalOf(stores.quarantine, run);
  const lines = [`${id}  ${sizeOf(bytes)}${state}`, `${code}: ${title}`, ...(detail === undefined ? [] : [detail])];
  answer(options, lines, { upload: id, ...upload, title, ...(detail === undefined ? {} : { detail }) });
}

async function oversized(clients: Clients, connection: Connection, run: string) {
  const { audit, quarantine } = storesOf(clients, connection);
  const records: { record: number; start: number; end: number }[] = [];
  for (const { problems } of await quarantinedSegments(await milestonesOfRun(audit, run), audit)) {
    const note = await quarantine.get(problems, { maxBytes: PROBLEMS_LIMIT_BYTES });
    const read = note && parseQuarantineNote(Buffer.from(note.bytes).toString('utf8'));
    for (const { record, range } of read?.records ?? []) if (range) records.push({ record, ...range });
  }
  return records;
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
