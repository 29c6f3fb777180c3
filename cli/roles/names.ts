/** Names of what Parapet makes in a database, and how names and texts come into SQL. */
import { identifier } from '../../functions/sweep/engines/postgres/quote.ts';
import type { Person, ServiceAccountName } from '../../infra/people/matrix.ts';
import { Problem } from '../../shared/problem.ts';

export const groupOf = (who: Person | ServiceAccountName): string => `parapet_${who.replaceAll('-', '_')}`;
/** Two, of which one is current (see the rotation of database secrets). */
export const logInsOf = (account: ServiceAccountName): readonly [string, string] => [
  `${groupOf(account)}_a`,
  `${groupOf(account)}_b`,
];
/** Owns what Parapet makes; nobody logs in as it. */
export const OWNER = 'parapet_owner';
/** Makes and ends log-ins, and changes their passwords. Reads nothing. */
export const KEEPER = 'parapet_keeper';

export const SCHEMAS = {
  analysis: 'parapet_analysis',
  staging: 'parapet_staging',
  ledger: 'parapet_ledger',
  tokens: 'parapet_tokens',
} as const;
export const TOKEN_KEY = 'token_key';

/** Who makes tables there: what they make is for the others as well. */
export const makersIn = (schema: string): readonly string[] =>
  schema === SCHEMAS.staging ? [OWNER, groupOf('data-engineer')] : [OWNER];
export const MAKERS = makersIn(SCHEMAS.staging);

/** NAMEDATALEN - 1: PostgreSQL cuts a longer name off, and may then mean another thing. */
const LONGEST_NAME_BYTES = 63;

/** A name as SQL takes it, whatever is in it. */
export function name(text: string): string {
  if (text === '' || text.includes('\0') || Buffer.byteLength(text) > LONGEST_NAME_BYTES) {
    throw new Problem('configuration-invalid', { detail: 'A name in a database has 1 to 63 bytes, and none is NUL.' });
  }
  return identifier(text);
}

/** A text as SQL takes it where `standard_conforming_strings` is on, which the script sees to. */
export function text(value: string): string {
  if (value.includes('\0')) throw new Problem('configuration-invalid', { detail: 'A text in SQL holds no NUL.' });
  return `'${value.replaceAll("'", "''")}'`;
}

export const qualified = (schema: string, object: string): string => `${name(schema)}.${name(object)}`;
