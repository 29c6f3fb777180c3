import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileContract } from '../shared/contract/compile.ts';
import { parseContract } from '../shared/contract/parse.ts';
import { parseLedger } from '../shared/contract/reference.ts';
import { sampleText } from '../shared/sample/sample.ts';
import type { SampleFormat } from '../shared/sample/write.ts';

const CONTRACTS = join(import.meta.dirname, '..', 'contracts');

export const contract = parseContract(readFileSync(join(CONTRACTS, 'grant-submission.v1.json'), 'utf8'));
export const compiled = compileContract(contract);
const ledger = parseLedger(readFileSync(join(CONTRACTS, 'reference', 'ledger.json'), 'utf8'));

/** What arrives from S3 at once. */
const CHUNK_BYTES = 64 * 1024;

/** How many people stand behind the records of a sample. */
export const PEOPLE = 1000;

/** A sample as it is made: no file, nothing gathered. One record in a hundred is faulty. */
export async function* sampleChunks(
  format: SampleFormat,
  records: number,
  contacts = PEOPLE,
): AsyncGenerator<Uint8Array> {
  let text = '';
  for (const piece of sampleText({ contract, ledger, format, records, seed: 'bench', faults: 0.01, contacts })) {
    text += piece;
    if (text.length < CHUNK_BYTES) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** The same from memory, so that only the reading is measured. */
export async function* chunksOf(payload: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < payload.length; from += CHUNK_BYTES) yield payload.subarray(from, from + CHUNK_BYTES);
}

export async function samplePayload(format: SampleFormat, records: number, contacts = PEOPLE): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of sampleChunks(format, records, contacts)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
