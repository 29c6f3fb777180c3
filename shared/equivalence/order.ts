/** The order of canonical values of one kind, for filters: numbers and times by value, everything else by its bytes. */
import { compareBytes } from '../canonical/bytes.ts';
import type { ColumnType } from '../canonical/column-type.ts';
import type { CanonicalValue, DateParts, Decimal, Infinite } from '../canonical/spelling.ts';

/** Negative, zero or positive; undefined when the kind has no order. NaN is above everything, as in PostgreSQL. */
export function compareValues({ kind }: ColumnType, left: CanonicalValue, right: CanonicalValue): number | undefined {
  if (typeof left === 'bigint' && typeof right === 'bigint') return sign(left, right);
  if (typeof left === 'number' && typeof right === 'number') return compareFloats(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareBytes(Buffer.from(left), Buffer.from(right));
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  if (typeof left !== 'object' || typeof right !== 'object') return undefined;
  if (kind === 'decimal' && isDecimal(left) && isDecimal(right)) return compareDecimals(left, right);
  if ('instant' in left && 'instant' in right) return compareInfinite(left.instant, right.instant, sign);
  if ('time' in left && 'time' in right) return sign(left.time, right.time);
  if ('date' in left && 'date' in right) return compareInfinite(left.date, right.date, compareDates);
  if ('datetime' in left && 'datetime' in right) {
    return compareInfinite(left.datetime, right.datetime, (one, other) => {
      return compareDates(one, other) || sign(one.time, other.time);
    });
  }
  return undefined;
}

function sign(left: bigint | number, right: bigint | number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareFloats(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return sign(Number(Number.isNaN(left)), Number(Number.isNaN(right)));
  return sign(left, right);
}

function isDecimal(value: object): value is Decimal {
  return 'coefficient' in value || 'special' in value;
}

const RANKS = { '-Infinity': -1, Infinity: 1, NaN: 2 } as const;

function compareDecimals(left: Decimal, right: Decimal): number {
  if ('special' in left || 'special' in right) {
    return sign('special' in left ? RANKS[left.special] : 0, 'special' in right ? RANKS[right.special] : 0);
  }
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (value: { coefficient: bigint; exponent: number }): bigint =>
    value.coefficient * 10n ** BigInt(value.exponent - exponent);
  return sign(scaled(left), scaled(right));
}

function compareInfinite<Finite extends bigint | object>(
  left: Finite | Infinite,
  right: Finite | Infinite,
  compare: (left: Finite, right: Finite) => number,
): number {
  const rank = (value: Finite | Infinite): number => (value === 'infinity' ? 1 : value === '-infinity' ? -1 : 0);
  if (typeof left === 'string' || typeof right === 'string') return rank(left) - rank(right);
  return compare(left, right);
}

function compareDates(left: DateParts, right: DateParts): number {
  return left.year - right.year || left.month - right.month || left.day - right.day;
}
