import { createHash } from 'node:crypto';

/** Chance that repeats itself: the same seed gives the same numbers on every machine. For samples, never for secrets. */
export interface SeededRandom {
  /** An integer from 0 up to, not including, `limit`; `limit` is at most 2³². */
  below(limit: number): number;
  /** One of the values. Throws RangeError when there is none. */
  pick<Value>(values: readonly Value[]): Value;
  /** True in about one of `times` calls. */
  oneIn(times: number): boolean;
}

/** xoshiro128** by Blackman and Vigna (prng.di.unimi.it), its state taken from the seed's SHA-256. */
export function seededRandom(seed: string): SeededRandom {
  const digest = createHash('sha256').update(seed).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let d = digest.readInt32LE(12);
  const next = (): number => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    pick(values) {
      const value = values[below(values.length)];
      if (value === undefined) throw new RangeError('There is nothing to pick from.');
      return value;
    },
    oneIn: (times) => below(times) === 0,
  };
}
