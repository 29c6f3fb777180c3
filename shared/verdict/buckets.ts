/**
 * The buckets of the heat map: ranges of keys with about equally many rows, whose bounds are keys that the workers of the source met on
 * their way. Bounds are payload, and stay here; what leaves is only how much drift each bucket has.
 */
import type { KeyOrder } from './key-order.ts';

/** More than these are no map. */
const MAXIMUM_BUCKETS = 64;

export interface Buckets {
  readonly count: number;
  /** Ordinal of the bucket that a key belongs to. */
  of(key: Uint8Array): number;
}

export function planBuckets(samples: readonly Uint8Array[], order: KeyOrder): Buckets {
  const sorted = samples.toSorted(order);
  const count = Math.max(1, Math.min(MAXIMUM_BUCKETS, sorted.length));
  const bounds = Array.from(
    { length: count - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / count)],
  )
    .filter((bound) => bound !== undefined)
    .filter((bound, index, all) => index === 0 || order(all[index - 1] ?? bound, bound) < 0);
  return { count: bounds.length + 1, of: (key) => bucketOf(key, bounds, order) };
}

/** How many bounds are at or below the key. */
function bucketOf(key: Uint8Array, bounds: readonly Uint8Array[], order: KeyOrder): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const bound = bounds[middle];
    if (bound !== undefined && order(bound, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keeps an even choice of all that it is offered, in memory for twice as many: when there are more, every other one goes. */
export class EvenSample<Item> {
  readonly #limit: number;
  #items: Item[] = [];
  #stride = 1;
  #offered = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `make` is called only for what is kept. */
  offer(make: () => Item): void {
    this.#offered += 1;
    if (this.#offered % this.#stride !== 0) return;
    this.#items.push(make());
    if (this.#items.length < 2 * this.#limit) return;
    this.#items = this.#items.filter((_, index) => index % 2 === 1);
    this.#stride *= 2;
  }

  get items(): readonly Item[] {
    return this.#items;
  }
}
