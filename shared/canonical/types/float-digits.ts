import type { Decimal } from '../spelling.ts';
import { decimalOf } from './decimal.ts';

/** `toPrecision` gives no more (ECMA-262, Number.prototype.toPrecision). */
const MOST_DIGITS = 100;

/**
 * Whether a decimal number is what a float comes to when it is printed with so many digits. Only then is the text one of that float: 16777217
 * is none of a float32, and taken for the nearest it would be equal to 16777216 without a word.
 */
export function isPrinted(value: number, exact: Extract<Decimal, { readonly coefficient: bigint }>): boolean {
  if (exact.coefficient === 0n) return value === 0;
  const text = exact.coefficient.toString();
  const digits = text.replace('-', '').length;
  if (digits <= MOST_DIGITS) return isSame(decimalOf(value.toPrecision(digits)), exact);
  const cut = digits - MOST_DIGITS;
  const half = 5n * 10n ** BigInt(cut - 1);
  const rounded = (exact.coefficient + (exact.coefficient < 0n ? -half : half)) / 10n ** BigInt(cut);
  return isSame(decimalOf(value.toPrecision(MOST_DIGITS)), decimalOf(`${rounded}e${exact.exponent + cut}`));
}

function isSame(one: Decimal | undefined, other: Decimal | undefined): boolean {
  if (one === undefined || other === undefined || 'special' in one || 'special' in other) return false;
  return one.coefficient === other.coefficient && one.exponent === other.exponent;
}
