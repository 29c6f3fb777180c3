import { dropDigits } from './round.ts';
import type { Ruled } from './ruled.ts';

/** A count of 10^−digits seconds as a count of 10^−precision seconds: rounded half to even, or its last digits cut off. */
export function toPrecision(
  value: bigint,
  digits: number,
  precision: number,
  excess: 'round' | 'truncate',
): Ruled<bigint> {
  if (digits <= precision) return { value: value * 10n ** BigInt(precision - digits), changed: false };
  if (excess === 'round') return dropDigits(value, digits - precision);
  const unit = 10n ** BigInt(digits - precision);
  const rest = ((value % unit) + unit) % unit;
  return { value: (value - rest) / unit, changed: rest !== 0n };
}
