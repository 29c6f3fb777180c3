/** Whether |a − b| ≤ ε, exactly: every value is a fraction of two integers, floats too, so that no rounding decides. */
import { daysOf, exists } from '../canonical/calendar.ts';
import type { ColumnType } from '../canonical/column-type.ts';
import { decodeElement } from '../canonical/element.ts';
import { readField } from '../canonical/field.ts';
import type { CanonicalValue, Decimal } from '../canonical/spelling.ts';
import { decimalOf } from '../canonical/types/decimal.ts';
import { codecFor } from '../canonical/types.ts';

/** numerator / denominator, the denominator positive. */
interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const NANOSECONDS = 1_000_000_000n;
const NANOSECONDS_PER_DAY = 86_400n * NANOSECONDS;
/** Decimals of a larger exponent are compared as they are: nobody tolerates a difference among them, and the integers would be huge. */
const MAXIMUM_EXPONENT = 10_000;

/** `tolerance` is a plain decimal; of times, in seconds. NULL, absence, NaN and the infinities are near nothing but themselves. */
export function withinTolerance(type: ColumnType, tolerance: string, left: Uint8Array, right: Uint8Array): boolean {
  if (Buffer.compare(left, right) === 0) return true;
  const codec = codecFor(type);
  const [one, other, limit] = [
    fractionOf(decodeElement(codec, readField(left, 0))),
    fractionOf(decodeElement(codec, readField(right, 0))),
    fractionOf(decimalOf(tolerance)),
  ];
  if (one === undefined || other === undefined || limit === undefined) return false;
  const gap = one.numerator * other.denominator - other.numerator * one.denominator;
  const size = gap < 0n ? -gap : gap;
  return size * limit.denominator <= limit.numerator * one.denominator * other.denominator;
}

function fractionOf(value: CanonicalValue | null | undefined): Fraction | undefined {
  if (typeof value === 'bigint') return { numerator: value, denominator: 1n };
  if (typeof value === 'number') return fractionOfFloat(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('coefficient' in value) return fractionOfDecimal(value);
  if ('instant' in value) return typeof value.instant === 'bigint' ? ofNanoseconds(value.instant) : undefined;
  if ('time' in value) return ofNanoseconds(value.time);
  if (!('datetime' in value) || typeof value.datetime === 'string' || !exists(value.datetime)) return undefined;
  return ofNanoseconds(BigInt(daysOf(value.datetime)) * NANOSECONDS_PER_DAY + value.datetime.time);
}

const ofNanoseconds = (numerator: bigint): Fraction => ({ numerator, denominator: NANOSECONDS });

function fractionOfDecimal({ coefficient, exponent }: Extract<Decimal, { coefficient: bigint }>): Fraction | undefined {
  if (Math.abs(exponent) > MAXIMUM_EXPONENT) return undefined;
  const scale = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0
    ? { numerator: coefficient, denominator: scale }
    : { numerator: coefficient * scale, denominator: 1n };
}

/** Doubling is exact in binary floating point: at most 1074 times, and the value is whole. */
function fractionOfFloat(value: number): Fraction | undefined {
  if (!Number.isFinite(value)) return undefined;
  let whole = value;
  let denominator = 1n;
  for (; !Number.isInteger(whole); whole *= 2) denominator *= 2n;
  return { numerator: BigInt(whole), denominator };
}
