import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseContract } from '../../shared/contract/parse.ts';
import { parseLedger } from '../../shared/contract/reference.ts';
import { Problem } from '../../shared/problem.ts';
import { SAMPLE_FAULTS } from '../../shared/sample/faults.ts';
import { hostileSamples } from '../../shared/sample/hostile.ts';
import { type SampleOptions, sampleRecords, sampleText } from '../../shared/sample/sample.ts';
import { SAMPLE_FORMATS, type SampleFormat } from '../../shared/sample/write.ts';
import { positive, wholeNumber } from '../numbers.ts';

const CONTRACTS = join(import.meta.dirname, '..', '..', 'contracts');

/** Text is handed to the file in pieces of about this size. */
const PIECE_LENGTH = 64 * 1024;

interface Options {
  readonly records: number;
  readonly format: SampleFormat;
  readonly seed: string;
  readonly faults: number;
  readonly kinds?: readonly string[];
  readonly contacts: number;
  readonly hostile?: string;
  readonly contract: string;
  readonly ledger: string;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const command = new Command('generate')
  .description('Write sample grant submissions: seeded, of any number, with a chosen share of faults.')
  .option('--records <number>', 'how many records', wholeNumber, 100)
  .addOption(new Option('--format <format>', 'format of the file').choices([...SAMPLE_FORMATS]).default('csv'))
  .option('--seed <text>', 'the same seed gives the same file', 'parapet')
  .option('--faults <share>', 'share of faulty records, 0 to 1', share, 0)
  .option('--kinds <list>', `kinds of fault, by comma: ${SAMPLE_FAULTS.map(({ kind }) => kind).join(', ')}`, list)
  .option('--contacts <number>', 'how many people stand behind the records', positive, 100)
  .option('--hostile <name>', 'write this hostile file instead (--hostile list names them)')
  .option('--contract <file>', 'contract of the records', join(CONTRACTS, 'grant-submission.v1.json'))
  .option('--ledger <file>', 'ledger that they agree with', join(CONTRACTS, 'reference', 'ledger.json'))
  .option('--out <file>', 'where to write; - is standard output', '-')
  .option('--force', 'replace a file that is there')
  .option('--json', 'say what was written as one JSON object (needs --out)')
  .action((options: Options) => generate(options));

export async function generate(options: Options): Promise<void> {
  if (options.json === true && options.out === '-' && options.hostile !== 'list') {
    throw new Problem('usage-invalid', { detail: 'With --json, --out names a file.' });
  }
  const sample: SampleOptions = {
    ...options,
    contract: parseContract(readFileSync(options.contract, 'utf8')),
    ledger: parseLedger(readFileSync(options.ledger, 'utf8')),
  };
  if (options.hostile !== undefined) return hostile(options, options.hostile, sample);

  const faults: Record<string, number> = {};
  const seen = ({ fault }: { readonly fault?: { readonly kind: string } }): void => {
    if (fault !== undefined) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
  };
  const bytes = await write(options, pieces(sampleText(sample, seen)));
  const faulty = Object.values(faults).reduce((sum, count) => sum + count, 0);
  if (options.json === true) {
    const { out: file, format, seed, records } = options;
    console.log(JSON.stringify({ file, format, seed, records, good: records - faulty, faulty, faults, bytes }));
  } else if (options.out !== '-') {
    console.log(`${options.out}: ${options.records} records, ${faulty} of them faulty, ${bytes} bytes`);
  }
}

async function hostile(options: Options, name: string, sample: SampleOptions): Promise<void> {
  const [good] = sampleRecords({ ...sample, records: 1, faults: 0 });
  const samples = hostileSamples(sample.contract, { purpose: 'General operating support', ...good?.record });
  if (name === 'list') {
    const listed = samples.map(({ bytes: _, ...rest }) => rest);
    if (options.json === true) console.log(JSON.stringify(listed));
    else
      for (const item of listed)
        console.log(`${item.name}.${item.extension}: ${item.refused ?? item.records?.join(', ')}`);
    return;
  }
  const chosen = samples.find((item) => item.name === name);
  if (chosen === undefined) {
    throw new Problem('usage-invalid', { detail: `Hostile files are ${samples.map((item) => item.name).join(', ')}.` });
  }
  const bytes = await write(options, chosen.bytes());
  const { extension, refused, records } = chosen;
  if (options.json === true)
    console.log(JSON.stringify({ file: options.out, hostile: name, extension, refused, records, bytes }));
  else if (options.out !== '-') console.log(`${options.out}: ${name}, ${bytes} bytes`);
}

const UNWRITABLE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS']);

/** Returns how many bytes it wrote. */
async function write(options: Options, content: Iterable<string | Uint8Array>): Promise<number> {
  let bytes = 0;
  const counted = function* (): Generator<Uint8Array> {
    for (const piece of content) {
      const buffer = Buffer.from(piece);
      bytes += buffer.length;
      yield buffer;
    }
  };
  try {
    await pipeline(Readable.from(counted()), target(options), { end: options.out !== '-' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Who reads standard output may stop when he has enough.
    if (options.out === '-' && code === 'EPIPE') return bytes;
    if (code === 'EEXIST')
      throw new Problem('usage-invalid', { detail: 'The file is there already; --force replaces it.' });
    if (options.out !== '-' && UNWRITABLE.has(code)) {
      throw new Problem('usage-invalid', { detail: `${options.out} cannot be written.`, cause: error });
    }
    throw error;
  }
  return bytes;
}

function target({ out, force }: Options): Writable {
  return out === '-' ? process.stdout : createWriteStream(out, { flags: force === true ? 'w' : 'wx' });
}

function* pieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('A share lies from 0 to 1.');
  return value;
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
