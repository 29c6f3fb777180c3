/**
 * ItemReader: the items of a Distributed Map, from object storage as the machine's role.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse as parseCsv } from 'csv-parse';
import { ApiError } from '../../service.ts';
import type { ItemReader } from '../definition.ts';
import { StateFailure, statesFailure } from '../failure.ts';
import { isArray, isObject, type Json, parseJson } from '../json.ts';
import type { ObjectAccess } from '../surroundings.ts';
import { evaluateField, evaluateNumber, type Visit } from '../visit.ts';

const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' } as const;

interface Source {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}
type ReaderConfig = NonNullable<ItemReader['ReaderConfig']>;

/** Every item, at most `MaxItems`. Throws `States.ItemReaderFailed` with S3's error code. */
export async function readItems(reader: ItemReader, visit: Visit): Promise<Json[]> {
  const given = await evaluateField(visit, 'ItemReader/Arguments', reader.Arguments);
  const maximum = await evaluateNumber(visit, 'ItemReader/ReaderConfig/MaxItems', reader.ReaderConfig?.MaxItems);
  const objects = visit.around.objects(visit.execution.roleArn);
  const items: Json[] = [];
  try {
    for await (const item of itemsOf(reader, given, objects)) {
      items.push(item);
      if (items.length === maximum) break;
    }
  } catch (error) {
    throw readerFailure(error);
  }
  return items;
}

function readerFailure(error: unknown): StateFailure {
  if (error instanceof StateFailure) return error;
  if (error instanceof ApiError) return statesFailure('States.ItemReaderFailed', `S3 answered ${error.code}.`);
  if (error instanceof SyntaxError) return statesFailure('States.ItemReaderFailed', 'The object is not JSON.');
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) {
    return statesFailure('States.ItemReaderFailed', `The object is not CSV (${String(error.code)}).`);
  }
  throw error;
}

function itemsOf(reader: ItemReader, given: Json, objects: ObjectAccess): AsyncIterable<Json> {
  const argument = (name: string): string | undefined => {
    const value = isObject(given) ? given[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const bucket = argument('Bucket');
  if (bucket === undefined) throw statesFailure('States.ItemReaderFailed', 'ItemReader/Arguments names no Bucket.');
  if (reader.Resource.endsWith(':listObjectsV2')) return listed(objects, bucket, argument('Prefix') ?? '');
  const key = argument('Key');
  if (key === undefined) throw statesFailure('States.ItemReaderFailed', 'ItemReader/Arguments names no Key.');
  const config = reader.ReaderConfig ?? { CSVDelimiter: 'COMMA' };
  return contentsOf(objects, { bucket, key, versionId: argument('VersionId') }, config);
}

async function* listed(objects: ObjectAccess, bucket: string, prefix: string): AsyncGenerator<Json> {
  for await (const { key, etag, size, lastModified, storageClass } of objects.list(bucket, prefix)) {
    const seconds = Math.floor(Date.parse(lastModified) / 1_000);
    yield { Etag: etag, Key: key, LastModified: seconds, Size: size, StorageClass: storageClass };
  }
}

async function* contentsOf(objects: ObjectAccess, source: Source, config: ReaderConfig): AsyncGenerator<Json> {
  switch (config.InputType) {
    case 'JSONL':
      yield* lines(await open(objects, source));
      return;
    case 'CSV':
      yield* rows(await open(objects, source), csvColumns(config), DELIMITERS[config.CSVDelimiter]);
      return;
    case 'MANIFEST':
      yield* inventory(objects, parseJson(await textOf(await open(objects, source))));
      return;
    default: {
      const document = parseJson(await textOf(await open(objects, source)));
      if (!isArray(document)) throw statesFailure('States.ItemReaderFailed', 'The object is not an array.');
      yield* document;
    }
  }
}

async function open(objects: ObjectAccess, { bucket, key, versionId }: Source): Promise<Readable> {
  const body = await objects.read(bucket, key, versionId);
  if (key.endsWith('.zst')) throw statesFailure('States.ItemReaderFailed', 'Zstandard is not read here.');
  return key.endsWith('.gz') ? body.pipe(createGunzip()) : body;
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function* lines(body: Readable): AsyncGenerator<Json> {
  for await (const line of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield parseJson(line);
  }
}

/** `true`: the first row names the columns. */
function csvColumns(config: ReaderConfig): true | string[] {
  return config.CSVHeaderLocation === 'GIVEN' ? [...(config.CSVHeaders ?? [])] : true;
}

/** Every value is a string. */
async function* rows(body: Readable, columns: true | string[], delimiter: string): AsyncGenerator<Json> {
  const parser = parseCsv({ columns, delimiter, bom: true, relax_column_count: true });
  body.on('error', (error) => parser.destroy(error));
  for await (const row of body.pipe(parser)) yield row;
}

/** An S3 Inventory: the manifest names gzipped CSV files without a header, and their columns in `fileSchema`. */
async function* inventory(objects: ObjectAccess, manifest: Json): AsyncGenerator<Json> {
  const { destinationBucket, fileFormat, fileSchema, files } = isObject(manifest) ? manifest : {};
  if (fileFormat !== 'CSV' || typeof fileSchema !== 'string' || !isArray(files)) {
    throw statesFailure('States.ItemReaderFailed', 'The manifest is not of an S3 Inventory in CSV.');
  }
  const bucket = String(destinationBucket).replace(/^arn:[\w-]+:s3:::/, '');
  const columns = fileSchema.split(',').map((name) => name.trim());
  for (const file of files) {
    const key = isObject(file) ? file.key : undefined;
    if (typeof key !== 'string') throw statesFailure('States.ItemReaderFailed', 'The manifest names no file.');
    yield* rows(await open(objects, { bucket, key, versionId: undefined }), columns, ',');
  }
}
