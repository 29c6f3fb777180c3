import { MEDIA_TYPES, type MediaType } from '../contract/schema.ts';
import { Problem } from '../problem.ts';

/** Names that senders use for the four formats. */
const ALIASES: Readonly<Record<MediaType, readonly string[]>> = {
  'text/csv': ['text/csv', 'application/csv'],
  'application/xml': ['application/xml', 'text/xml'],
  'application/json': ['application/json', 'text/json'],
  'application/x-ndjson': [
    'application/x-ndjson',
    'application/ndjson',
    'application/jsonl',
    'application/x-jsonlines',
  ],
};

const EXTENSIONS: ReadonlyMap<string, MediaType> = new Map([
  ['csv', 'text/csv'],
  ['xml', 'application/xml'],
  ['json', 'application/json'],
  ['ndjson', 'application/x-ndjson'],
  ['jsonl', 'application/x-ndjson'],
]);

/**
 * What clients write when they do not know: S3's own default, HTTP's, plain text; and `application/vnd.ms-excel`, which
 * Windows registers for `.csv` and which the AWS CLI therefore sends with one.
 */
const INDEFINITE: ReadonlySet<string> = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
  'application/vnd.ms-excel',
]);

const BY_NAME: ReadonlyMap<string, MediaType> = new Map(
  MEDIA_TYPES.flatMap((mediaType) => ALIASES[mediaType].map((alias) => [alias, mediaType] as const)),
);

/**
 * Decides the format from what was declared: the content type, else the extension of the object's key; where both say
 * something they must agree. Throws media-type-unsupported. The content itself is checked while it is read.
 */
export function mediaTypeOf(declared: { readonly contentType?: string | undefined; readonly key: string }): MediaType {
  const [essence = '', ...parameters] = (declared.contentType ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(declared.key)?.[1]?.toLowerCase();
  const byExtension = extension === undefined ? undefined : EXTENSIONS.get(extension);
  const byName = BY_NAME.get(essence);

  if (byName === undefined && !INDEFINITE.has(essence)) throw unsupported('The content type is not one of the four.');
  const mediaType = byName ?? byExtension;
  if (mediaType === undefined) throw unsupported('Neither the content type nor the extension names a format.');
  if (extension !== undefined && byExtension !== mediaType) {
    throw unsupported('The content type and the extension disagree.');
  }
  for (const parameter of parameters) checkParameter(parameter);
  return mediaType;
}

function checkParameter(parameter: string): void {
  const [name, value] = parameter.split('=').map((part) => part.trim().replaceAll('"', ''));
  if (name === 'charset' && value !== 'utf-8' && value !== 'us-ascii') throw unsupported('The charset is not UTF-8.');
  // RFC 4180 section 3: a table without a header names no field.
  if (name === 'header' && value === 'absent') throw unsupported('The header is absent.');
}

const unsupported = (detail: string): Problem => new Problem('media-type-unsupported', { detail });
