import * as z from 'zod/mini';

/**
 * The canonical type of a column, with the rules that are declared to lose something. What is not declared here is an error when it is
 * met, and never a silent change.
 */

/** Decimal digits of a second: 3 is milliseconds. */
const precision = z.int().check(z.nonnegative(), z.maximum(9));
/** What to do with digits beyond the precision; without it they are refused. Rounding is half to even. */
const excess = z.optional(z.enum(['round', 'truncate']));

export type EpochUnit = 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds';

interface Precise {
  readonly precision: number;
  readonly excess?: 'round' | 'truncate' | undefined;
}

interface Floating {
  readonly negativeZero?: 'zero' | undefined;
}

export type ColumnType =
  | { readonly kind: 'integer' }
  | { readonly kind: 'decimal'; readonly scale?: number | undefined }
  | ({ readonly kind: 'float32' } & Floating)
  | ({ readonly kind: 'float64' } & Floating)
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text'; readonly padding?: 'trim' | undefined; readonly normalization?: 'nfc' | undefined }
  | { readonly kind: 'bytes'; readonly padding?: 'trim' | undefined; readonly text?: 'hex' | 'base64' | undefined }
  | { readonly kind: 'uuid' }
  | ({
      readonly kind: 'instant';
      readonly zoneless?: 'utc' | undefined;
      readonly epoch?: EpochUnit | undefined;
    } & Precise)
  | { readonly kind: 'date' }
  | ({ readonly kind: 'time' } & Precise)
  | ({ readonly kind: 'datetime' } & Precise)
  | { readonly kind: 'json' }
  | { readonly kind: 'array'; readonly element: ColumnType }
  | { readonly kind: 'set'; readonly element: ColumnType }
  | { readonly kind: 'map'; readonly element: ColumnType };

export type Kind = ColumnType['kind'];
/** The declaration of one kind: `Declared<'decimal'>`. */
export type Declared<K extends Kind> = Extract<ColumnType, { readonly kind: K }>;

export const ColumnType: z.ZodMiniType<ColumnType> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('integer') }),
  /** `scale`: digits after the point that are kept; others are rounded away, half to even, and counted. */
  z.strictObject({ kind: z.literal('decimal'), scale: z.optional(z.int().check(z.nonnegative(), z.maximum(1000))) }),
  /** `negativeZero: zero`: −0 is written as 0, and counted; otherwise they are different. Every NaN is the same NaN. */
  z.strictObject({ kind: z.literal(['float32', 'float64']), negativeZero: z.optional(z.literal('zero')) }),
  z.strictObject({ kind: z.literal('boolean') }),
  /** `padding: trim` cuts the spaces at the end, `normalization: nfc` applies Unicode NFC; both are counted. */
  z.strictObject({
    kind: z.literal('text'),
    padding: z.optional(z.literal('trim')),
    normalization: z.optional(z.literal('nfc')),
  }),
  /** `padding: trim` cuts the zero bytes at the end; `text` says how an engine without byte strings spells them. */
  z.strictObject({
    kind: z.literal('bytes'),
    padding: z.optional(z.literal('trim')),
    text: z.optional(z.enum(['hex', 'base64'])),
  }),
  z.strictObject({ kind: z.literal('uuid') }),
  /** `zoneless: utc` reads a time without zone as UTC, `epoch` a plain number as that unit since 1970. Both lose nothing. */
  z.strictObject({
    kind: z.literal('instant'),
    precision,
    excess,
    zoneless: z.optional(z.literal('utc')),
    epoch: z.optional(z.enum(['seconds', 'milliseconds', 'microseconds', 'nanoseconds'])),
  }),
  z.strictObject({ kind: z.literal('date') }),
  z.strictObject({ kind: z.literal(['time', 'datetime']), precision, excess }),
  z.strictObject({ kind: z.literal('json') }),
  z.strictObject({ kind: z.literal(['array', 'set', 'map']), element: z.lazy(() => ColumnType) }),
]);
