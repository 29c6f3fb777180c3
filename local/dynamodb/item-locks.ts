/**
 * One writer at a time for each item. dynalite decides a condition and writes under a lock of its own, but does not give back
 * the item that a condition failed on; reading it afterwards is only true when nobody can write in between.
 */
export interface ItemLocks {
  /** Runs `work` when no other work on one of these items is under way. */
  hold<T>(items: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createItemLocks(): ItemLocks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    hold: async (items, work) => {
      const held = [...new Set(items)];
      // All places are taken in one step, without waiting in between: two callers can never wait for each other.
      const before = Promise.allSettled(held.map((item) => tails.get(item)));
      const result = before.then(work);
      const tail = result.catch(() => undefined);
      for (const item of held) tails.set(item, tail);
      try {
        return await result;
      } finally {
        for (const item of held) if (tails.get(item) === tail) tails.delete(item);
      }
    },
  };
}
