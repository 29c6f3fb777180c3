import type { Ruled } from './ruled.ts';

/** `value` / 10^digits to the nearest whole number, half to even; `changed` when something was rounded away. */
export function dropDigits(value: bigint, digits: number): Ruled<bigint> {
  const unit = 10n ** BigInt(digits);
  const quotient = value / unit;
  const rest = value % unit;
  if (rest === 0n) return { value: quotient, changed: false };
  const twice = 2n * (rest < 0n ? -rest : rest);
  const away = twice > unit || (twice === unit && quotient % 2n !== 0n);
  const step = value < 0n ? -1n : 1n;
  return { value: away ? quotient + step : quotient, changed: true };
}
