import { sha256Hex } from '../../../../shared/digest.ts';
import type { Masks } from '../../../../shared/equivalence/mask.ts';
import type { Relation } from '../../../../shared/equivalence/relation.ts';
import type { EndpointOf } from '../../../../shared/equivalence/schema.ts';
import type { RowBatch } from '../../../../shared/fingerprint/row-batch.ts';
import { Problem } from '../../../../shared/problem.ts';
import type {
  Engine,
  FoundRow,
  Json,
  OpenOptions,
  Partition,
  Reader,
  RelationSchema,
  Scan,
  ScanOptions,
  ScanStep,
  Snapshot,
} from '../engine.ts';
import { lookupByScan } from '../lookup-by-scan.ts';
import { RowWriter } from '../row-writer.ts';
import { demandColumns } from '../schema-check.ts';
import { demandWriters, planSlots, type WriterFor } from '../slots.ts';
import type { ByteSource, FileVersion } from './byte-source.ts';
import { csvFormat } from './csv.ts';
import type { FileFormat } from './format.ts';
import { jsonFormat } from './json.ts';
import { ndjsonFormat } from './ndjson.ts';
import { parquetFormat } from './parquet.ts';
import { decodeParts, decodeShare, encodeParts, type Part } from './share.ts';

type FilesEndpoint = EndpointOf<'files'>;

const FORMATS: Readonly<Record<FilesEndpoint['format'], (endpoint: FilesEndpoint) => FileFormat>> = {
  csv: ({ csv }) => csvFormat(csv ?? {}),
  ndjson: () => ndjsonFormat,
  json: () => jsonFormat,
  parquet: () => parquetFormat,
};

/** Files are what they are as long as they are: every reader reads the same versions, or fails. */
export function openFiles(endpoint: FilesEndpoint, source: ByteSource, options: OpenOptions = {}): Engine {
  const format = FORMATS[endpoint.format](endpoint);
  let listed: Promise<readonly FileVersion[]> | undefined;
  const files = (): Promise<readonly FileVersion[]> => {
    listed ??= options.share === undefined ? listFiles(source) : Promise.resolve(decodeShare(options.share));
    return listed;
  };
  const schema = async (): Promise<RelationSchema> => {
    const [first] = await files();
    if (first === undefined) throw noFiles();
    return { ...(await format.columns(source, first)), uniqueKeys: [] };
  };
  return {
    identity: async () => source.identity,
    schema,
    snapshot: async (): Promise<Snapshot> => {
      const versions = await files();
      const share: Json = versions.map(({ name, bytes, version }) => [name, bytes, version]);
      // The list itself has names in it, which may be somebody's.
      const position = `${versions.length} files, sha256:${sha256Hex(JSON.stringify(share))}`;
      return { consistency: 'frozen', position, share };
    },
    read: async (relation, masks) => {
      demandColumns(relation, await schema());
      return new FilesReader(source, format, await files(), relation, masks);
    },
    close: async () => {},
  };
}

async function listFiles(source: ByteSource): Promise<readonly FileVersion[]> {
  const files = await source.list();
  // A side without files is missing, and must not pass for an empty one.
  if (files.length === 0) throw noFiles();
  return files;
}

const noFiles = (): Problem => new Problem('not-found', { detail: 'There is no file at the endpoint.' });

class FilesReader implements Reader {
  readonly keyed = false;
  readonly #source: ByteSource;
  readonly #format: FileFormat;
  readonly #files: readonly FileVersion[];
  readonly #relation: Relation;
  readonly #masks: Masks;
  readonly #writerFor: WriterFor;

  constructor(source: ByteSource, format: FileFormat, files: readonly FileVersion[], relation: Relation, masks: Masks) {
    this.#source = source;
    this.#format = format;
    this.#files = files;
    this.#relation = relation;
    this.#masks = masks;
    this.#writerFor = ({ type }, declared, notes) => format.writer(type, declared, notes);
    demandWriters(planSlots(relation, masks, 'all', this.#writerFor));
  }

  async plan(target: number): Promise<readonly Partition[]> {
    const total = this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
    const share = Math.max(1, Math.ceil(total / target));
    const partitions: Partition[] = [];
    let parts: Part[] = [];
    let [bytes, rows] = [0, 0];
    const close = (): void => {
      if (parts.length > 0) partitions.push({ bounds: encodeParts(parts), estimatedRows: rows });
      parts = [];
      [bytes, rows] = [0, 0];
    };
    for (const file of this.#files) {
      for (const part of await this.#format.parts(this.#source, file, share)) {
        // Half of a part over its share is nearer to it than half of a part below.
        if (bytes > 0 && bytes + part.bytes / 2 > share) close();
        parts.push({ file, range: part.range });
        bytes += part.bytes;
        rows += part.estimatedRows;
      }
    }
    close();
    // Files without rows are a side without rows, which is read, and found to be empty.
    return partitions.length > 0 ? partitions : [{ bounds: encodeParts([]), estimatedRows: 0 }];
  }

  scan(partition: Partition, rows: RowBatch, options: ScanOptions = {}): Scan {
    const slots = planSlots(this.#relation, this.#masks, options.columns ?? 'all', this.#writerFor);
    const row = new RowWriter(slots, rows);
    return {
      counts: () => row.counts(),
      [Symbol.asyncIterator]: () => this.#steps(decodeParts(partition.bounds), slots.natives, row),
    };
  }

  async *#steps(parts: readonly Part[], natives: readonly string[], row: RowWriter): AsyncGenerator<ScanStep> {
    for (const [index, { file, range }] of parts.entries()) {
      const others = parts.slice(index + 1);
      for await (const step of this.#format.rows(this.#source, file, range, natives, row)) {
        const rest = step.rest === undefined ? undefined : encodeParts([{ file, range: step.rest }, ...others]);
        yield { rows: step.rows, rest: rest === undefined ? undefined : { bounds: rest, estimatedRows: 0 } };
      }
    }
  }

  lookup(keys: readonly Uint8Array[]): Promise<readonly FoundRow[]> {
    return lookupByScan(this, keys);
  }
}
