import type { Ruled } from './ruled.ts';

/** −0 as 0; they compare equal in SQL, and have different bits. */
export function withoutNegativeZero(value: number): Ruled<number> {
  return Object.is(value, -0) ? { value: 0, changed: true } : { value, changed: false };
}
