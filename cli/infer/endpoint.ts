/** What a URL of the command line says of an endpoint, for a contract that does not exist yet. No credential of it goes any further. */
import { fileURLToPath } from 'node:url';
import type { SideName } from '../../shared/equivalence/relation.ts';
import type { Endpoint, EndpointOf } from '../../shared/equivalence/schema.ts';
import { Problem } from '../../shared/problem.ts';
import { parseEndpointUrl } from '../sweep/endpoints.ts';

type Format = EndpointOf<'files'>['format'];
const FORMATS: Readonly<Record<string, Format>> = {
  csv: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'json',
  parquet: 'parquet',
};

export function endpointOfUrl(text: string, side: SideName): { readonly url: URL; readonly endpoint: Endpoint } {
  const { url, engine, named } = parseEndpointUrl(text, `--${side}`);
  const missing = (what: string): Problem => new Problem('usage-invalid', { detail: `--${side} must name ${what}.` });
  switch (engine) {
    case 'postgres': {
      const { schema = 'public', table } = tableOf(named.table);
      if (table === undefined) throw missing('a table: ?table=schema.table');
      return { url, endpoint: { engine, connection: side, consistency: 'frozen', schema, table } };
    }
    case 'mysql': {
      const { schema = decodeURIComponent(url.pathname.slice(1)), table } = tableOf(named.table);
      if (table === undefined) throw missing('a table: ?table=table');
      return { url, endpoint: { engine, connection: side, consistency: 'settled', schema, table } };
    }
    case 'dynamodb':
      return {
        url,
        endpoint: { engine, connection: side, consistency: 'settled', table: decodeURIComponent(url.hostname) },
      };
    case 'files': {
      const format = FORMATS[named.format ?? /\.([a-z]+)$/.exec(url.pathname)?.[1] ?? ''];
      if (format === undefined) throw missing('a format: ?format=csv, ndjson, json or parquet');
      return { url, endpoint: { engine, connection: side, consistency: 'frozen', location: locationOf(url), format } };
    }
  }
}

/** `schema.table`; a name with a dot in it is told from that by `schema.` before it. */
function tableOf(name: string | undefined): { readonly schema?: string; readonly table?: string } {
  if (name === undefined || name === '') return {};
  const dot = name.indexOf('.');
  return dot < 0 ? { table: name } : { schema: name.slice(0, dot), table: name.slice(dot + 1) };
}

function locationOf(url: URL): EndpointOf<'files'>['location'] {
  if (url.protocol === 's3:') return { bucket: url.hostname, prefix: decodeURIComponent(url.pathname.slice(1)) };
  return { path: fileURLToPath(new URL(url.pathname, 'file:///')) };
}

/** A dataset's name for a table or file. */
export function datasetOf(endpoint: Endpoint): string {
  const name = endpoint.engine === 'files' ? lastOf(endpoint.location) : endpoint.table;
  const slug = name
    .replace(/\.[a-z]+$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63);
  return slug === '' ? 'dataset' : slug;
}

const lastOf = (location: EndpointOf<'files'>['location']): string =>
  ('path' in location ? location.path : location.prefix).split('/').filter(Boolean).at(-1) ?? '';
