/** Opens what a URL of the command line names, under what the contract says is there. Credentials stay in the URL: no message repeats it. */
import { fileURLToPath } from 'node:url';
import type { Engine, OpenOptions } from '../../functions/sweep/engines/engine.ts';
import type { ByteSource } from '../../functions/sweep/engines/files/byte-source.ts';
import type { OpenEndpoint } from '../../functions/sweep/protocol/ports.ts';
import type { SideName } from '../../shared/equivalence/relation.ts';
import type { Endpoint, EndpointOf, EngineName } from '../../shared/equivalence/schema.ts';
import { Problem } from '../../shared/problem.ts';

export type EndpointUrls = Readonly<Record<SideName, string>>;

type Open<Name extends EngineName> = (url: URL, endpoint: EndpointOf<Name>, options: OpenOptions) => Promise<Engine>;

/** Engines are imported when they are needed: no sweep loads the driver of a database that it does not read. */
const ENGINES: { readonly [Name in EngineName]: Open<Name> } = {
  files: async (url, endpoint, options) => {
    const { openFiles } = await import('../../functions/sweep/engines/files/engine.ts');
    return openFiles(endpoint, await openSource(url, endpoint.location), options);
  },
  postgres: async (url, endpoint, options) => {
    const [{ openPostgres }, { parsePostgresUrl }] = await Promise.all([
      import('../../functions/sweep/engines/postgres/engine.ts'),
      import('../../functions/sweep/engines/postgres/place.ts'),
    ]);
    return openPostgres(endpoint, parsePostgresUrl(url.href), options);
  },
  mysql: async (url, endpoint) => {
    const [{ openMysql }, { parseMysqlUrl }] = await Promise.all([
      import('../../functions/sweep/engines/mysql/engine.ts'),
      import('../../functions/sweep/engines/mysql/place.ts'),
    ]);
    return openMysql(endpoint, parseMysqlUrl(url.href));
  },
  dynamodb: async (url, endpoint) => {
    const { openDynamoUrl } = await import('./aws-endpoints.ts');
    return openDynamoUrl(url, endpoint.table);
  },
};

async function openSource(url: URL, location: EndpointOf<'files'>['location']): Promise<ByteSource> {
  if ('bucket' in location) {
    const { openBucketUrl } = await import('./aws-endpoints.ts');
    return openBucketUrl(url, location);
  }
  const { openDisk } = await import('../../functions/sweep/engines/files/disk.ts');
  const path = pathOf(url);
  // The signed contract says which file it is about; a relative path there leaves open in which folder.
  if (path !== location.path && !path.endsWith(`/${location.path.replace(/^\.\//, '')}`)) {
    throw new Problem('usage-invalid', { detail: 'The path is not the one that the contract names (location).' });
  }
  return openDisk(path);
}

/** Which engine a URL is for. */
const SCHEMES: Readonly<Record<string, EngineName>> = {
  'file:': 'files',
  's3:': 'files',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'dynamodb:': 'dynamodb',
};

/** Said for a contract that is to be drafted; where there is one, it must say the same. */
interface NamedPlace {
  readonly table?: string;
  readonly format?: string;
}

/** `url` is without what it names besides the place: the engines take no such parameter. */
export function parseEndpointUrl(
  text: string,
  option: string,
): { readonly url: URL; readonly engine: EngineName; readonly named: NamedPlace } {
  // The parser's own error would quote the address, and the password in it.
  if (!URL.canParse(text)) throw new Problem('usage-invalid', { detail: `${option} is no URL.` });
  const url = new URL(text);
  const engine = SCHEMES[url.protocol];
  if (engine === undefined) {
    throw new Problem('usage-invalid', {
      detail: `${option} needs one of the schemes file, s3, postgres, mysql, dynamodb.`,
    });
  }
  const [table, format] = [url.searchParams.get('table'), url.searchParams.get('format')];
  if (engine === 'postgres' || engine === 'mysql') url.searchParams.delete('table');
  if (engine === 'files') url.searchParams.delete('format');
  return { url, engine, named: { ...(table === null ? {} : { table }), ...(format === null ? {} : { format }) } };
}

function demandSame(named: NamedPlace, endpoint: Endpoint, option: string): void {
  const tables = 'schema' in endpoint ? [endpoint.table, `${endpoint.schema}.${endpoint.table}`] : [];
  const formats = endpoint.engine === 'files' ? [endpoint.format] : [];
  if (named.table !== undefined && !tables.includes(named.table)) {
    throw new Problem('usage-invalid', { detail: `${option} names another table than the contract.` });
  }
  if (named.format !== undefined && !formats.some((format) => format === named.format)) {
    throw new Problem('usage-invalid', { detail: `${option} names another format than the contract.` });
  }
}

/** Problem('usage-invalid') where a URL is for another engine than the contract's endpoint. */
export function openUrls(urls: EndpointUrls): OpenEndpoint {
  return async (side, endpoint, options = {}) => {
    const { url, engine, named } = parseEndpointUrl(urls[side], `--${side}`);
    if (engine !== endpoint.engine) {
      throw new Problem('usage-invalid', { detail: `--${side} is not of the engine ${endpoint.engine}.` });
    }
    demandSame(named, endpoint, `--${side}`);
    try {
      return await openUrl(url, endpoint, options);
    } catch (error) {
      throw error instanceof Problem && error.code === 'usage-invalid' ? ofSide(side, error) : error;
    }
  };
}

/** The same problem, and which address it is about: a person who gave two cannot tell. */
export function ofSide(side: SideName, problem: Problem): Problem {
  const { code, detail, instance, errors } = problem;
  return new Problem(code, {
    detail: detail === undefined ? `--${side}` : `--${side}: ${detail}`,
    cause: problem,
    ...(instance === undefined ? {} : { instance }),
    ...(errors === undefined ? {} : { errors }),
  });
}

export function openUrl(url: URL, endpoint: Endpoint, options: OpenOptions): Promise<Engine> {
  switch (endpoint.engine) {
    case 'files':
      return ENGINES.files(url, endpoint, options);
    case 'postgres':
      return ENGINES.postgres(url, endpoint, options);
    case 'mysql':
      return ENGINES.mysql(url, endpoint, options);
    case 'dynamodb':
      return ENGINES.dynamodb(url, endpoint, options);
  }
}

function pathOf(url: URL): string {
  if (url.protocol !== 'file:')
    throw new Problem('usage-invalid', { detail: 'The contract is about a file of a disk.' });
  try {
    const path = fileURLToPath(new URL(url.pathname, 'file:///'));
    return path.length > 1 ? path.replace(/\/+$/, '') : path;
  } catch {
    throw new Problem('usage-invalid', { detail: 'A file URL names no path of this machine.' });
  }
}
