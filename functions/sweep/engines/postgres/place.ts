import { Problem } from '../../../../shared/problem.ts';

/** Where a database is and as whom it is read. A secret: it is neither logged nor stored. */
export interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Certificates of the authorities that may vouch for the server, PEM; the platform's when left out. */
  readonly authorities?: string | undefined;
}

const DEFAULT_PORT = 5432;
/** Of libpq's modes, the one that verifies both the certificate and the name on it. */
const VERIFIED = 'verify-full';

/** `postgres://user:password@host:port/database`; of the parameters, only `sslmode=verify-full` may stand there. */
export function parsePostgresUrl(url: string): PostgresPlace {
  if (!URL.canParse(url)) throw invalid('a URL');
  const parsed = new URL(url);
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:')
    throw invalid('a URL of the scheme postgres');
  const database = decoded(parsed.pathname.slice(1));
  if (parsed.hostname === '' || database === '') throw invalid('a host and a database');
  for (const [name, value] of parsed.searchParams) {
    if (name !== 'sslmode') throw invalid('no other parameter than sslmode');
    if (value !== VERIFIED) throw new Problem('tls-required', { detail: 'The address asks for a lesser mode.' });
  }
  return {
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port),
    database,
    user: decoded(parsed.username),
    password: decoded(parsed.password),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('well-formed in its percent signs');
  }
}

/** Addresses from which nothing leaves the machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const invalid = (what: string): Problem =>
  new Problem('configuration-invalid', { detail: `The address of a PostgreSQL database must be ${what}.` });
