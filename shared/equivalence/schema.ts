/**
 * The contract of a sweep: one JSON document per dataset and version, signed as every contract is. It says where the two copies are, what
 * of them is compared and as what, what may be lost on the way, and when the sweep must stop. Nothing in it is secret: how to reach an
 * endpoint, and as whom, is the deployment's (or the command line's) to know, under the name of a connection.
 */
import * as z from 'zod/mini';
import { ColumnType } from '../canonical/column-type.ts';
import { FieldClass } from '../contract/schema.ts';

const columnName = z
  .string()
  .check(z.regex(/^(?!constructor$)[a-z][a-z0-9_]{0,62}$/, 'a lower-case name of letters, digits and underscores'));
const slug = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'a lower-case name of letters, digits and hyphens'));
/** A name in an engine: any text without NUL, because it is quoted wherever it goes. */
const nativeName = z.string().check(
  z.minLength(1),
  z.maxLength(255),
  z.refine((text) => !text.includes('\0') && text.isWellFormed(), 'a name without NUL'),
);
/** A plain decimal; not a JSON number, which would have passed through a double. */
const decimalText = z.string().check(z.regex(/^-?\d{1,100}(\.\d{1,100})?$/, 'a plain decimal in text'));
const share = z.number().check(z.minimum(0), z.maximum(1));

/** Texts are read as the column's canonical type; so `"12.50"` for a decimal and `"2024-02-29"` for a date. */
const filterValue = z.union([z.string().check(z.maxLength(1000)), z.boolean()]);
/** NULL and absent satisfy `is-null` and no comparison, not even `!=`. */
const comparison = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['=', '!=', '<', '<=', '>', '>=']), value: filterValue }),
  z.strictObject({ op: z.literal('in'), values: z.array(filterValue).check(z.minLength(1), z.maxLength(1000)) }),
  z.strictObject({ op: z.enum(['is-null', 'is-not-null']) }),
]);
export type Comparison = z.infer<typeof comparison>;

/** Rows that do not satisfy every filter are not part of the side. */
const columnFilter = z.strictObject({ column: columnName, where: comparison });
/** A filter of one side alone, on a column that the other side may lack: a document's kind in a table that holds several kinds. */
const nativeFilter = z.strictObject({ name: nativeName, type: ColumnType, where: comparison });

const side = {
  /** Name under which the deployment knows host and credentials; the command line gives a URL in its place. */
  connection: slug,
  /**
   * `frozen`: every partition is read from one unchanging state, and a sweep that cannot get one is inconclusive. `settled`: each part
   * is read when its turn comes, and only differences that persist are reported.
   */
  consistency: z.enum(['frozen', 'settled']),
  filters: z.optional(z.array(nativeFilter).check(z.maxLength(20))),
};

/** RFC 4180. An unquoted field that reads exactly as `null` is NULL; without `null` there are no NULLs. A header names the columns. */
const csv = z.strictObject({
  delimiter: z.optional(z.enum([',', ';', '\t', '|'])),
  null: z.optional(z.string().check(z.maxLength(20))),
});

export const Endpoint = z.discriminatedUnion('engine', [
  z.strictObject({ engine: z.literal('postgres'), ...side, schema: nativeName, table: nativeName }),
  z.strictObject({ engine: z.literal('mysql'), ...side, schema: nativeName, table: nativeName }),
  z.strictObject({ engine: z.literal('dynamodb'), ...side, table: nativeName }),
  z.strictObject({
    engine: z.literal('files'),
    ...side,
    /** Every object whose key begins with the prefix; one file, or every file below a folder. */
    location: z.union([
      z.strictObject({ bucket: nativeName, prefix: z.string().check(z.maxLength(1024)) }),
      z.strictObject({ path: z.string().check(z.minLength(1), z.maxLength(4096)) }),
    ]),
    format: z.enum(['csv', 'ndjson', 'json', 'parquet']),
    csv: z.optional(csv),
  }),
]);
export type Endpoint = z.infer<typeof Endpoint>;
export type EngineName = Endpoint['engine'];
export type EndpointOf<Name extends EngineName> = Extract<Endpoint, { readonly engine: Name }>;
export type CsvForm = z.infer<typeof csv>;

/** The column in one engine: its name there, and its type as that engine's catalogue spells it. Another type found is a changed schema. */
const nativeColumn = z.strictObject({ name: nativeName, type: z.string().check(z.minLength(1), z.maxLength(500)) });

export const EquivalenceColumn = z.strictObject({
  name: columnName,
  type: ColumnType,
  class: FieldClass,
  /** `token`: a keyed token takes the value's place before anything is hashed. `omit`: not compared, and said so in the coverage. */
  mask: z.enum(['none', 'token', 'omit']),
  /** Whether NULL is expected. A NULL (or an absence) where it is not makes the sweep inconclusive. */
  nullable: z.boolean(),
  /** `null`: a document without the attribute is read as one with NULL, and counted. Otherwise they differ. */
  absent: z.optional(z.literal('null')),
  /** How far two values of a suspect may lie apart: |a − b| ≤ tolerance; of times, in seconds. */
  tolerance: z.optional(decimalText),
  source: nativeColumn,
  target: nativeColumn,
});
export type EquivalenceColumn = z.infer<typeof EquivalenceColumn>;

export const Equivalence = z.strictObject({
  $schema: z.optional(z.string()),
  kind: z.literal('equivalence'),
  dataset: slug,
  version: z.int().check(z.positive(), z.maximum(999_999)),
  title: z.string(),
  description: z.optional(z.string()),
  source: Endpoint,
  target: Endpoint,
  /** Columns that together name a row, proven unique at both sides by the sweep. None: rows are compared as a multiset. */
  key: z.array(columnName).check(z.maxLength(16)),
  columns: z.array(EquivalenceColumn).check(z.minLength(1), z.maxLength(500)),
  filters: z.optional(z.array(columnFilter).check(z.maxLength(20))),
  /** Differing rows that the sketch is planned to list. */
  capacity: z.optional(z.int().check(z.positive(), z.maximum(4_000_000))),
  /** What trips the breaker. What is left out does not trip it. */
  breaker: z.strictObject({
    /** Rows that differ, by number or as a share of the larger side. */
    drift: z.optional(z.strictObject({ rows: z.optional(z.int().check(z.nonnegative())), share: z.optional(share) })),
    /** Attempts that failed. */
    errors: z.optional(z.int().check(z.nonnegative())),
    /** Rows of a partition over the rows planned for it. */
    skew: z.optional(z.number().check(z.minimum(1))),
    /** The rate of fetching, as a share of the rate at the beginning: below it, an engine is suffering. */
    rate: z.optional(share),
  }),
  /** How suspects of settled sides are read again. */
  settle: z.strictObject({
    delaySeconds: z.int().check(z.nonnegative(), z.maximum(3600)),
    attempts: z.int().check(z.positive(), z.maximum(10)),
  }),
  /** How long a verdict keeps the gate open, from when its sweep began. */
  freshHours: z.int().check(z.positive(), z.maximum(24 * 366)),
});
export type Equivalence = z.infer<typeof Equivalence>;
