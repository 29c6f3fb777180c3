import type { Decimal } from '../spelling.ts';
import { dropDigits } from './round.ts';
import type { Ruled } from './ruled.ts';

/** A decimal with at most `scale` digits after the point, half to even. NaN and the infinities have no digits to lose. */
export function roundToScale(decimal: Decimal, scale: number): Ruled<Decimal> {
  if ('special' in decimal || decimal.exponent >= -scale) return { value: decimal, changed: false };
  const dropped = -scale - decimal.exponent;
  // So many digits fewer than are dropped is below a tenth: zero, without computing 10^dropped.
  if (dropped > decimal.coefficient.toString().length)
    return { value: { coefficient: 0n, exponent: 0 }, changed: true };
  const { value, changed } = dropDigits(decimal.coefficient, dropped);
  return { value: trimZeros(value, -scale), changed };
}

/** The one form of coefficient × 10^exponent: no zero at the end of the coefficient, and zero is 0 × 10⁰. */
export function trimZeros(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return { coefficient: 0n, exponent: 0 };
  const digits = coefficient.toString();
  const zeros = digits.length - digits.replace(/0+$/, '').length;
  if (zeros === 0) return { coefficient, exponent };
  return { coefficient: BigInt(digits.slice(0, -zeros)), exponent: exponent + zeros };
}
