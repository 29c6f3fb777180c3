import type { CompiledContract } from '../contract/compiled.ts';
import type { MediaType } from '../contract/schema.ts';
import { Problem } from '../problem.ts';
import { blocksOf } from './blocks.ts';
import { CsvReader } from './csv/reader.ts';
import { JsonReader } from './json/document.ts';
import { NdjsonReader } from './json/lines.ts';
import { limitsOf, type ReadLimits, type ReadRecord, type RecordReader } from './records.ts';
import { XmlReader } from './xml/reader.ts';

const READERS: Readonly<Record<MediaType, new (contract: CompiledContract, limits: ReadLimits) => RecordReader>> = {
  'text/csv': CsvReader,
  'application/xml': XmlReader,
  'application/json': JsonReader,
  'application/x-ndjson': NdjsonReader,
};

/**
 * Reads a payload's records in order, in batches of those that ended in one block; memory holds one block, its records
 * and the one record that straddles it. Every record comes exactly once, as a value or with its problems.
 *
 * Throws Problem for what concerns the payload as a whole: payload-empty, -truncated, -malformed, -encoding, -forbidden,
 * -too-large, header-invalid, media-type-unsupported. Batches may have been given before: they count for nothing then.
 */
export async function* readRecords(
  bytes: AsyncIterable<Uint8Array>,
  mediaType: MediaType,
  contract: CompiledContract,
  limits: ReadLimits = limitsOf(contract.contract),
): AsyncGenerator<readonly ReadRecord[]> {
  if (!contract.contract.submission.mediaTypes.includes(mediaType)) {
    throw new Problem('media-type-unsupported', { detail: `The contract does not accept ${mediaType}.` });
  }
  const reader = new READERS[mediaType](contract, limits);
  let records = 0;
  for await (const block of blocksOf(bytes, mediaType, limits)) {
    const batch = reader.push(block.bytes, block.offset);
    records += batch.length;
    if (batch.length > 0) yield batch;
  }
  const last = reader.end();
  records += last.length;
  if (last.length > 0) yield last;
  if (records === 0) throw new Problem('payload-empty');
}
