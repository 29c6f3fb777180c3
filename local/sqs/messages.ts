/** The messages of the queues, kept until they are deleted or too old. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../store.ts';
import type { Queue } from './queue.ts';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
}

export interface Messages {
  send(queue: Queue, body: string, attributes?: MessageAttributes, delaySeconds?: number): string;
  /** The oldest visible ones; they are hidden from others until their visibility time ends. */
  receive(queue: Queue, limit: number, visibilityTimeoutSeconds: number): ReceivedMessage[];
  /** Of an earlier receipt too, as long as the message has not been received again. */
  remove(queue: Queue, receiptHandle: string): void;
  count(queue: Queue): { readonly visible: number; readonly inFlight: number; readonly delayed: number };
}

const rowSchema = z.object({
  message_id: z.string(),
  body: z.string(),
  attributes: z.string(),
  sent_at: z.number(),
  first_received_at: z.number().nullable(),
  receive_count: z.number(),
});
const attributesSchema = z.record(z.string(), z.object({ DataType: z.string(), StringValue: z.string() }));

export function createMessages(store: Store, now: () => number, uuid: () => string): Messages {
  store.db.exec(`
    CREATE TABLE IF NOT EXISTS sqs_messages (
      position INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT NOT NULL UNIQUE,
      body TEXT NOT NULL, attributes TEXT NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
      receive_count INTEGER NOT NULL DEFAULT 0, first_received_at INTEGER, receipt TEXT
    );
    CREATE INDEX IF NOT EXISTS sqs_messages_visible ON sqs_messages (queue, visible_at, position);
  `);

  const expire = (queue: Queue): void => {
    store
      .prepare('DELETE FROM sqs_messages WHERE queue = ? AND sent_at < ?')
      .run(queue.name, now() - queue.retentionSeconds * 1_000);
  };

  return {
    send: (queue, body, attributes = {}, delaySeconds = queue.delaySeconds) => {
      const messageId = uuid();
      const at = now();
      store
        .prepare(`INSERT INTO sqs_messages (queue, message_id, body, attributes, sent_at, visible_at)
          VALUES (?, ?, ?, ?, ?, ?)`)
        .run(queue.name, messageId, body, JSON.stringify(attributes), at, at + delaySeconds * 1_000);
      return messageId;
    },

    receive: (queue, limit, visibilityTimeoutSeconds) =>
      store.transaction(() => {
        expire(queue);
        const at = now();
        const rows = store
          .prepare('SELECT * FROM sqs_messages WHERE queue = ? AND visible_at <= ? ORDER BY position LIMIT ?')
          .all(queue.name, at, limit);
        return rows.map((row) => {
          const found = rowSchema.parse(row);
          const receiptHandle = uuid();
          const firstReceivedAt = found.first_received_at ?? at;
          const receiveCount = found.receive_count + 1;
          store
            .prepare(`UPDATE sqs_messages SET receipt = ?, visible_at = ?, receive_count = ?, first_received_at = ?
              WHERE message_id = ?`)
            .run(receiptHandle, at + visibilityTimeoutSeconds * 1_000, receiveCount, firstReceivedAt, found.message_id);
          return {
            messageId: found.message_id,
            receiptHandle,
            body: found.body,
            attributes: attributesSchema.parse(JSON.parse(found.attributes)),
            sentAt: found.sent_at,
            firstReceivedAt,
            receiveCount,
          };
        });
      }),

    remove: (queue, receiptHandle) => {
      store.prepare('DELETE FROM sqs_messages WHERE queue = ? AND receipt = ?').run(queue.name, receiptHandle);
    },

    count: (queue) => {
      expire(queue);
      const at = now();
      const row = store
        .prepare(`SELECT count(*) FILTER (WHERE visible_at <= :at) AS visible,
          count(*) FILTER (WHERE visible_at > :at AND receive_count > 0) AS inFlight,
          count(*) FILTER (WHERE visible_at > :at AND receive_count = 0) AS delayed
          FROM sqs_messages WHERE queue = :queue`)
        .get({ at, queue: queue.name });
      return { visible: Number(row?.visible), inFlight: Number(row?.inFlight), delayed: Number(row?.delayed) };
    },
  };
}

/** What SQS answers beside a body, so that the client can tell that it arrived whole. */
export function md5OfBody(body: string): string {
  return createHash('md5').update(body, 'utf8').digest('hex');
}
