import * as z from 'zod';
import type { KeyRing } from '../service.ts';
import type { Store } from '../store.ts';
import { encryptionContext } from './access.ts';
import type { Table } from './tables.ts';

/**
 * Each table under a customer's key has a key of its own, wrapped by it, as in DynamoDB. dynalite keeps items as they are; the
 * table's key decides whether they may be reached: once KMS opens it no more, nothing of the table can be read.
 */
export interface TableKeys {
  make(table: Table): void;
  /** Throws KMS's refusal when the customer's key is disabled or gone. */
  open(table: Table): void;
}

const Row = z.object({ wrapped: z.instanceof(Uint8Array) });

export function createTableKeys(store: Store, keyRing: KeyRing, accountId: string): TableKeys {
  store.db.exec(
    'CREATE TABLE IF NOT EXISTS dynamodb_table_keys (table_name TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT',
  );
  const wrappedOf = (table: Table): unknown =>
    store.prepare('SELECT wrapped FROM dynamodb_table_keys WHERE table_name = ?').get(table.name);
  return {
    make: (table) => {
      if (table.keyId === undefined || wrappedOf(table) !== undefined) return;
      const { plaintext, wrapped } = keyRing.newDataKey(table.keyId, encryptionContext(table, accountId));
      plaintext.fill(0);
      store.prepare('INSERT INTO dynamodb_table_keys (table_name, wrapped) VALUES (?, ?)').run(table.name, wrapped);
    },
    open: (table) => {
      const { wrapped } = Row.parse(wrappedOf(table));
      keyRing.openDataKey(Buffer.from(wrapped), encryptionContext(table, accountId)).plaintext.fill(0);
    },
  };
}
