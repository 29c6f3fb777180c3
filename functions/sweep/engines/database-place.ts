import { Problem } from '../../../shared/problem.ts';

/** Where a database is and as whom it is read. A secret: it is neither logged nor stored. */
export interface DatabasePlace {
  readonly host: string;
  readonly port: number;
  /** The database, or the schema of a MySQL, that the address names. */
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Certificates of the authorities that may vouch for the server, PEM; the platform's when left out. */
  readonly authorities?: string | undefined;
}

/** How an engine's addresses are written. */
export interface AddressForm {
  /** The first is the one to name. */
  readonly schemes: readonly [string, ...string[]];
  readonly defaultPort: number;
  /** What the path names. */
  readonly holds: string;
  /** The one parameter that may stand there, and the one value: certificate and name are both verified. */
  readonly verified: { readonly parameter: string; readonly value: string };
  readonly engine: string;
}

/** Throws `configuration-invalid`, or `tls-required` for a lesser mode; no message holds a word of the address. */
export function parseDatabaseUrl(url: string, form: AddressForm): DatabasePlace {
  const invalid = (what: string): Problem =>
    new Problem('configuration-invalid', { detail: `The address of a ${form.engine} ${form.holds} must be ${what}.` });
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw invalid('well-formed in its percent signs');
    }
  };
  if (!URL.canParse(url)) throw invalid('a URL');
  const parsed = new URL(url);
  if (!form.schemes.includes(parsed.protocol.slice(0, -1))) throw invalid(`a URL of the scheme ${form.schemes[0]}`);
  const database = decoded(parsed.pathname.slice(1));
  if (parsed.hostname === '' || database === '') throw invalid(`a host and a ${form.holds}`);
  for (const [name, value] of parsed.searchParams) {
    if (name !== form.verified.parameter) throw invalid(`no other parameter than ${form.verified.parameter}`);
    if (value !== form.verified.value) {
      throw new Problem('tls-required', { detail: 'The address asks for a lesser mode.' });
    }
  }
  return {
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? form.defaultPort : Number(parsed.port),
    database,
    user: decoded(parsed.username),
    password: decoded(parsed.password),
  };
}
