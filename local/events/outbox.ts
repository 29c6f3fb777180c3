/**
 * Events on their way to the event bus. The service whose act an event reports writes it in the transaction of the act:
 * an event exists exactly when the act does. The bus takes them from here, delivers, and marks them; a crash in between
 * means a second delivery, as in AWS (at least once).
 */
import type { Store } from '../store.ts';

/** The envelope of an EventBridge event, less what the bus knows itself. */
export interface OutboxEvent {
  /** Unique id of the event (a UUID). */
  readonly id: string;
  /** `aws.s3` */
  readonly source: string;
  /** `Object Created` */
  readonly detailType: string;
  /** RFC 3339, whole seconds, UTC, as EventBridge writes it. */
  readonly time: string;
  readonly account: string;
  readonly region: string;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface PendingEvent extends OutboxEvent {
  /** Order of the acts. */
  readonly position: number;
}

export function createOutbox(store: Store): void {
  store.db.exec(`CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS outbox_pending ON outbox (position) WHERE delivered = 0;`);
}

/** Call it inside the transaction of the act. */
export function enqueueEvent(store: Store, event: OutboxEvent): void {
  store.prepare('INSERT INTO outbox (event) VALUES (?)').run(JSON.stringify(event));
}

/** The oldest events not yet marked delivered, in the order of their acts. */
export function pendingEvents(store: Store, limit = 100): readonly PendingEvent[] {
  const rows = store
    .prepare('SELECT position, event FROM outbox WHERE delivered = 0 ORDER BY position LIMIT ?')
    .all(limit);
  return rows.map((row) => ({ position: Number(row.position), ...parseEvent(String(row.event)) }));
}

/** Call it in the transaction that makes the delivery durable, where the target's state is in the same store. */
export function markDelivered(store: Store, position: number): void {
  store.prepare('UPDATE outbox SET delivered = 1 WHERE position = ?').run(position);
}

// Only `enqueueEvent` writes this table.
const parseEvent = (text: string): OutboxEvent => JSON.parse(text);
