/** What is on its way to a target: one row for every (event, rule, target), from the match until delivery or its failure. */
import { z } from 'zod';
import type { Store } from '../store.ts';

export interface Delivery {
  readonly id: number;
  /** The whole event, JSON text. */
  readonly event: string;
  readonly rule: string;
  readonly target: string;
  /** Failed attempts so far. */
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface Deliveries {
  add(delivery: { readonly event: string; readonly rule: string; readonly target: string; readonly at: number }): void;
  /** Those whose time has come, the oldest first. */
  due(now: number, limit: number): Delivery[];
  /** When the next one comes due; `undefined` when none is on its way. */
  nextAt(): number | undefined;
  retryAt(id: number, at: number): void;
  remove(id: number): void;
}

const rowSchema = z.object({
  id: z.number(),
  event: z.string(),
  rule: z.string(),
  target: z.string(),
  attempts: z.number(),
  created_at: z.number(),
});

export function createDeliveries(store: Store): Deliveries {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS events_deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, rule TEXT NOT NULL, target TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, next_at INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS events_deliveries_next ON events_deliveries (next_at, id);
  `);
  return {
    add: ({ event, rule, target, at }) => {
      store
        .prepare('INSERT INTO events_deliveries (event, rule, target, created_at, next_at) VALUES (?, ?, ?, ?, ?)')
        .run(event, rule, target, at, at);
    },
    due: (now, limit) =>
      store
        .prepare('SELECT * FROM events_deliveries WHERE next_at <= ? ORDER BY next_at, id LIMIT ?')
        .all(now, limit)
        .map((row) => {
          const { created_at: createdAt, ...delivery } = rowSchema.parse(row);
          return { ...delivery, createdAt };
        }),
    nextAt: () => {
      const at = store.prepare('SELECT min(next_at) AS at FROM events_deliveries').get()?.at;
      return at === null || at === undefined ? undefined : Number(at);
    },
    retryAt: (id, at) => {
      store.prepare('UPDATE events_deliveries SET attempts = attempts + 1, next_at = ? WHERE id = ?').run(at, id);
    },
    remove: (id) => {
      store.prepare('DELETE FROM events_deliveries WHERE id = ?').run(id);
    },
  };
}
