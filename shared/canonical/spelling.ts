/**
 * How an engine may hand over a value, and what it then is. Every canonical value is also a spelling of itself.
 */

/** coefficient × 10^exponent; the coefficient is signed, and has no zero at its end (zero itself: 0 × 10⁰). */
export type Decimal =
  | { readonly coefficient: bigint; readonly exponent: number }
  | { readonly special: 'NaN' | 'Infinity' | '-Infinity' };

export type Infinite = 'infinity' | '-infinity';

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export interface Instant {
  readonly instant: bigint | Infinite;
}

/** Proleptic Gregorian, with a year 0 before year 1. Month or day may be 0, as in MySQL's zero dates. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export interface LocalDate {
  readonly date: DateParts | Infinite;
}

/** Nanoseconds since midnight; MySQL's times may be negative or exceed a day, and 24:00:00 is not 00:00:00. */
export interface LocalTime {
  readonly time: bigint;
}

export interface LocalDateTime {
  /** `time` in nanoseconds since midnight, less than a day. */
  readonly datetime: (DateParts & { readonly time: bigint }) | Infinite;
}

/** JSON with exact numbers. */
export type JsonValue = null | boolean | string | Decimal | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

/** What is read back from a field: NULL is null, absent is undefined. `token` is what a masked value was replaced by. */
export type CanonicalValue =
  | bigint
  | Decimal
  | number
  | boolean
  | string
  | Uint8Array
  | Instant
  | LocalDate
  | LocalTime
  | LocalDateTime
  | { readonly json: JsonValue }
  | { readonly token: Uint8Array }
  | readonly (CanonicalValue | null)[]
  | ReadonlyMap<string, CanonicalValue | null>;

export type Spelling =
  | undefined
  | null
  | CanonicalValue
  | readonly Spelling[]
  | ReadonlyMap<string, Spelling>
  | ReadonlySet<Spelling>;
