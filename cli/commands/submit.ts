import { basename } from 'node:path';
import { Command } from 'commander';
import { mediaTypeOf } from '../../shared/reading/media-type.ts';
import { EXIT } from '../exit-codes.ts';
import { positive } from '../numbers.ts';
import { connect } from '../session/clients.ts';
import { readConnection } from '../session/connection.ts';
import { reportLines } from '../session/print.ts';
import { readReport, waitForRun } from '../session/stores.ts';
import { upload } from '../session/submission.ts';
import { answer, note } from '../terminal.ts';
import { mintFor, type TokenCommandOptions, withTokenOptions } from './token.ts';

interface SubmitOptions extends TokenCommandOptions {
  readonly wait: boolean;
  readonly token?: string;
  readonly timeout: number;
}

export const command = withTokenOptions(
  new Command('submit')
    .description(
      'Upload a file with its token, wait for its seal, and say what became of it. Exit code 2 if nothing was exported.',
    )
    .argument('<file>', 'CSV, XML, JSON or NDJSON')
    .option('--token <jwt>', 'a token that you have; default: one from the issuer at hand')
    .option('--timeout <seconds>', 'how long to wait for the seal', positive, 900)
    .option('--no-wait', 'return when it is uploaded'),
).action(async (file: string, options: SubmitOptions) => {
  const connection = readConnection(options.connection);
  const key = options.key ?? `uploads/${basename(file)}`;
  const token = options.token ?? (await mintFor(file, { ...options, key }, connection));
  const uploader = connect(connection, 'uploader');
  const operator = connect(connection, 'operator');
  try {
    const contentType = contentTypeOf(key);
    const uploaded = await upload(uploader, connection.buckets.landing, file, {
      key,
      token,
      ...(contentType === undefined ? {} : { contentType }),
    });
    if (!options.wait) {
      answer(options, [uploaded.run], uploaded);
      return;
    }
    note(`run ${uploaded.run}`);
    await waitForRun(operator, connection, uploaded.run, options.timeout * 1_000);
    const report = await readReport(operator, connection, uploaded.run);
    if (report.state !== 'sealed' || report.outcome === 'failed') process.exitCode = EXIT.failed;
    else if (report.records.exported === 0) process.exitCode = EXIT.refused;
    answer(options, reportLines(report), { file, ...report });
  } finally {
    uploader.close();
    operator.close();
  }
});

/** By the file's extension; what is unknown goes up undeclared, and ingestion says what it thinks of it. */
function contentTypeOf(key: string): string | undefined {
  try {
    return mediaTypeOf({ key, contentType: undefined });
  } catch {
    return undefined;
  }
}
