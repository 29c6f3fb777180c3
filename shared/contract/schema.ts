/**
 * The contract: one JSON document per dataset and version. It says what a record is, which of its fields are personal,
 * which field names the data subject, and how a submission of it is judged. (Its `sweep` part, the equivalence of two
 * engines, is described in docs/contracts.md and added by the sweep.)
 */
import * as z from 'zod/mini';

// `constructor` is the one lower-case name that every JavaScript object inherits.
const name = z
  .string()
  .check(z.regex(/^(?!constructor$)[a-z][a-z0-9_]{0,62}$/, 'a lower-case name of letters, digits and underscores'));
/** An XML name without a prefix, ASCII. */
const element = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, 'an XML name without a prefix'));
const slug = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'a lower-case name of letters, digits and hyphens'));
const version = z.int().check(z.positive());

/** How a value reads as text. In JSON, `integer` is a JSON integer and `boolean` a JSON boolean; every other type is a JSON string. */
export const FieldType = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    minLength: z.int().check(z.nonnegative()),
    /** Unicode code points. */
    maxLength: z.int().check(z.positive(), z.maximum(10_000)),
    /** An ECMAScript pattern, matched against the whole value with the `v` flag. */
    pattern: z.optional(z.string().check(z.maxLength(200))),
    /** Whether line feeds may stand in it. No other control character may, in any text. */
    multiline: z.optional(z.boolean()),
  }),
  z.strictObject({
    kind: z.literal('choice'),
    values: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
  }),
  z.strictObject({ kind: z.literal('integer'), minimum: z.int(), maximum: z.int() }),
  /**
   * A plain decimal in text, `-?digits(.digits)?`, never through a double. `scale` is the number of digits after the
   * point: exactly so many, and no leading zeros, so that one amount has one text.
   */
  z.strictObject({
    kind: z.literal('decimal'),
    scale: z.int().check(z.nonnegative(), z.maximum(18)),
    minimum: z.string(),
    maximum: z.string(),
  }),
  /** RFC 3339 full-date. */
  z.strictObject({ kind: z.literal('date'), minimum: z.string(), maximum: z.string() }),
  /** RFC 3339 date-time with an offset. */
  z.strictObject({ kind: z.literal('instant') }),
  z.strictObject({ kind: z.literal('boolean') }),
  /** An addr-spec of RFC 5321 in its common form, at most 254 characters. */
  z.strictObject({ kind: z.literal('email') }),
  /** US employer identification number, `NN-NNNNNNN`, with a prefix that the IRS assigns. */
  z.strictObject({ kind: z.literal('ein') }),
]);
export type FieldType = z.infer<typeof FieldType>;

/** `pii` fields are tokenised at ingestion and resolved again only at egress. */
export const FieldClass = z.enum(['public', 'internal', 'pii']);
export type FieldClass = z.infer<typeof FieldClass>;

export const Field = z.strictObject({
  name,
  title: z.string(),
  type: FieldType,
  class: FieldClass,
  required: z.boolean(),
});
export type Field = z.infer<typeof Field>;

export const MEDIA_TYPES = ['text/csv', 'application/xml', 'application/json', 'application/x-ndjson'] as const;
export const MediaType = z.enum(MEDIA_TYPES);
export type MediaType = z.infer<typeof MediaType>;

export const Contract = z.strictObject({
  $schema: z.optional(z.string()),
  dataset: slug,
  version,
  title: z.string(),
  description: z.string(),
  fields: z.array(Field).check(z.minLength(1), z.maxLength(500)),
  /** Field whose value names the data subject (erasing a subject destroys the keys made for this value); of class `pii`. */
  subject: name,
  /** Field that names the grantor: tokens do not link a person across its values. */
  tenant: name,
  /** Fields that together name a record. */
  key: z.array(name).check(z.minLength(1)),
  submission: z.strictObject({
    mediaTypes: z.array(MediaType).check(z.minLength(1)),
    maxPayloadBytes: z.int().check(z.positive()),
    maxRecordBytes: z.int().check(z.positive()),
    /** Nesting of a JSON record or of XML elements below the record. */
    maxDepth: z.int().check(z.positive()),
    /** Name of the XML element that is one record, and of the root around it; without a prefix. */
    xml: z.strictObject({ root: element, record: element }),
    idempotencyWindowHours: z.int().check(z.positive()),
    /** Fields that are held against the ledger, besides `tenant`, which must be a grantor that it knows. */
    ledger: z.optional(z.strictObject({ grant: name, ein: name, fiscalYear: name })),
    rulePack: z.strictObject({
      pack: slug,
      version,
      fallback: z.strictObject({ pack: slug, version, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
    }),
    /** Rule-pack configuration: passed to every rule, signed with the contract. */
    rules: z.record(z.string(), z.json()),
    /** Fields that the rule pack may add to a record: what is not declared here leaves no boundary. */
    derived: z.optional(z.array(Field).check(z.maxLength(100))),
  }),
});
export type Contract = z.infer<typeof Contract>;

/** A record after validation: every field of the contract that was present, in contract order. Decimals, dates and instants stay text. */
export type ContractRecord = Readonly<Record<string, string | number | boolean | null>>;
