/**
 * Reference data as files, and as the items of the tables that they seed (TABLES in shared/names.ts): the ledger's
 * grantors and grants, the issuers whose submission tokens are believed, and where each grantor's exports go.
 */
import * as z from 'zod/mini';
import { TABLES } from '../names.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { pointerTo } from './names.ts';
import { isEin } from './types/ein.ts';

const id = z.string().check(z.minLength(1), z.maxLength(64));
const slug = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'a lower-case name of letters, digits and hyphens'));
const year = z.int().check(z.minimum(1900), z.maximum(2999));

const Grantor = z.strictObject({ id, name: z.string() });
const Grant = z.strictObject({
  id,
  grantor: id,
  /** The organisation that receives it, by name for people and by EIN for the ledger. */
  organization: z.string(),
  ein: z.string().check(z.refine(isEin, 'an EIN')),
  /** Inclusive. */
  firstFiscalYear: year,
  lastFiscalYear: year,
});
const Ledger = z.strictObject({ grantors: z.array(Grantor), grants: z.array(Grant) });
export type ReferenceLedger = z.infer<typeof Ledger>;
export type ReferenceGrant = z.infer<typeof Grant>;

/** A public key as RFC 7517 has it; a member that only a private or symmetric key has is refused. */
const PublicKey = z.looseObject({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  d: z.optional(z.never('no private key')),
  k: z.optional(z.never('no symmetric key')),
});
const Issuer = z.strictObject({
  /** The `iss` of its tokens. */
  issuer: z.string().check(z.minLength(1), z.maxLength(2048)),
  /** A JWK set, or `development`: the key that the embedded cloud makes for itself. No deployment in AWS takes that. */
  keys: z.union([z.strictObject({ keys: z.array(PublicKey).check(z.minLength(1)) }), z.literal('development')]),
  /** Datasets that it may submit; absent: all. */
  datasets: z.optional(z.array(slug).check(z.minLength(1))),
  /** Subjects that it may name; absent: all. */
  submitters: z.optional(z.array(z.string()).check(z.minLength(1))),
});
const Issuers = z.strictObject({ issuers: z.array(Issuer) });
export type ReferenceIssuers = z.infer<typeof Issuers>;

const Destination = z.strictObject({
  /** Whose records go there: a value of the contract's tenant field. */
  grantor: id,
  /** Prefix in the exports bucket. */
  name: slug,
  format: z.enum(['ndjson', 'json', 'csv']),
  datasets: z.array(slug).check(z.minLength(1)),
});
const Destinations = z.strictObject({ destinations: z.array(Destination) });
export type ReferenceDestinations = z.infer<typeof Destinations>;

/** An item in plain values: a text, a number, or a list of texts. */
export type ReferenceItem = Readonly<Record<string, string | number | readonly string[]>>;

/** Each throws Problem('configuration-invalid') with a pointer to every mistake. */
export function parseLedger(text: string): ReferenceLedger {
  const ledger = parse(Ledger, text);
  const grantors = new Set(ledger.grantors.map((grantor) => grantor.id));
  refuse([
    ...repeated(
      ledger.grantors.map((grantor) => grantor.id),
      'grantors',
      'id',
    ),
    ...repeated(
      ledger.grants.map((grant) => grant.id),
      'grants',
      'id',
    ),
    ...ledger.grants.flatMap((grant, index) => [
      ...(grantors.has(grant.grantor) ? [] : [mistake(['grants', index, 'grantor'], 'a grantor of the ledger')]),
      ...(grant.firstFiscalYear <= grant.lastFiscalYear
        ? []
        : [mistake(['grants', index, 'firstFiscalYear'], 'at most lastFiscalYear')]),
    ]),
  ]);
  return ledger;
}

export function parseIssuers(text: string): ReferenceIssuers {
  const issuers = parse(Issuers, text);
  refuse(
    repeated(
      issuers.issuers.map(({ issuer }) => issuer),
      'issuers',
      'issuer',
    ),
  );
  return issuers;
}

export function parseDestinations(text: string): ReferenceDestinations {
  const destinations = parse(Destinations, text);
  refuse([
    ...repeated(
      destinations.destinations.map(({ grantor }) => grantor),
      'destinations',
      'grantor',
    ),
    ...repeated(
      destinations.destinations.map(({ name }) => name),
      'destinations',
      'name',
    ),
  ]);
  return destinations;
}

export function ledgerItems({ grantors, grants }: ReferenceLedger): ReferenceItem[] {
  const { partitionKey, sortKey } = TABLES.ledger;
  return [
    ...grantors.map((grantor) => ({ [partitionKey]: 'grantor', [sortKey]: grantor.id, name: grantor.name })),
    ...grants.map(({ id, ...grant }) => ({ [partitionKey]: 'grant', [sortKey]: id, ...grant })),
  ];
}

/** `developmentKeys` (a JWK set as JSON text) stands for `development`; throws configuration-invalid where it is not given. */
export function issuerItems({ issuers }: ReferenceIssuers, developmentKeys?: string): ReferenceItem[] {
  return issuers.map(({ issuer, keys, datasets, submitters }, index) => {
    const set = keys === 'development' ? developmentKeys : JSON.stringify(keys);
    if (set === undefined) throw invalid([mistake(['issuers', index, 'keys'], 'a JWK set: this is no embedded cloud')]);
    return {
      [TABLES.issuers.partitionKey]: issuer,
      keys: set,
      ...(datasets === undefined ? {} : { datasets }),
      ...(submitters === undefined ? {} : { submitters }),
    };
  });
}

export function destinationItems({ destinations }: ReferenceDestinations): ReferenceItem[] {
  return destinations.map(({ grantor, ...rest }) => ({ [TABLES.destinations.partitionKey]: grantor, ...rest }));
}

function parse<Schema extends z.ZodMiniType>(schema: Schema, text: string): z.output<Schema> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Problem('configuration-invalid', { detail: 'The reference data is not JSON.', cause });
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map((issue) => mistake(issue.path.map(String), issue.message)));
}

function repeated(names: readonly string[], list: string, member: string): FieldProblem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [mistake([list, index, member], 'each once')],
  );
}

const mistake = (path: readonly (string | number)[], rule: string): FieldProblem => ({
  code: 'configuration-invalid',
  pointer: path.map((part) => pointerTo(String(part))).join(''),
  rule,
});

const invalid = (errors: readonly FieldProblem[]): Problem =>
  new Problem('configuration-invalid', { detail: 'The reference data is not valid.', errors });

function refuse(mistakes: readonly FieldProblem[]): void {
  if (mistakes.length > 0) throw invalid(mistakes);
}
