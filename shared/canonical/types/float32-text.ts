import type { Decimal } from '../spelling.ts';

/**
 * The float32 nearest to a decimal text, half to even. Rounding to a double first and then to a float is not enough: when the double lies
 * exactly between two floats, the text may still lie to one side of it.
 */
export function nearestFloat32(text: string, exact: Extract<Decimal, { readonly coefficient: bigint }>): number {
  const double = Number(text);
  const float = Math.fround(double);
  if (float === double || !Number.isFinite(float)) return float;
  const other = neighbour(float, double > float);
  // Both differences are exact: the two floats and the double are within one step of each other.
  if (Math.abs(double - float) !== Math.abs(other - double)) return float;
  const side = compare(exact, double);
  if (side === 0) return float;
  return side > 0 === other > float ? other : float;
}

/** The next float32 above or below. */
function neighbour(float: number, above: boolean): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, float);
  const bits = view.getInt32(0);
  if (float === 0) return above ? 2 ** -149 : -(2 ** -149);
  view.setInt32(0, above === float > 0 ? bits + 1 : bits - 1);
  return view.getFloat32(0);
}

/** The sign of decimal − double, exactly: both as whole numbers over a common denominator. */
function compare({ coefficient, exponent }: { coefficient: bigint; exponent: number }, double: number): number {
  // A double that halves two floats is a whole multiple of 2^−150.
  const scaled = BigInt(double * 2 ** 75 * 2 ** 75);
  const tens = 10n ** BigInt(Math.abs(exponent));
  const left = exponent >= 0 ? (coefficient * tens) << 150n : coefficient << 150n;
  const right = exponent >= 0 ? scaled : scaled * tens;
  return left < right ? -1 : left > right ? 1 : 0;
}
