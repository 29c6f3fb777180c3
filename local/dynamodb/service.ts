/**
 * The tables of the embedded cloud: dynalite behind IAM. It has no transactions, and neither has this: whatever is not listed
 * here is refused by name.
 */
import { jsonService } from '../gateway/json-service.ts';
import type { Authorizer, Deployment, KeyRing, Service } from '../service.ts';
import type { Store } from '../store.ts';
import { createAccess } from './access.ts';
import { openEngine } from './engine.ts';
import { expireItems } from './expiry.ts';
import { createItemLocks } from './item-locks.ts';
import * as operations from './operations.ts';
import { createTableKeys } from './table-keys.ts';
import { readTables, type Table } from './tables.ts';

export interface DynamoDbServiceOptions {
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly keyRing: KeyRing;
  readonly accountId: string;
  readonly region: string;
}

export interface DynamoDbService {
  readonly service: Service;
  /** Makes the tables of the deployment. Repeating it changes nothing; items stay. */
  provision(deployment: Deployment): Promise<void>;
  /** Deletes what has expired by `now` (epoch milliseconds); nothing else does. */
  expire(now: number): Promise<number>;
  close(): Promise<void>;
}

const CONTENT_TYPE = 'application/x-amz-json-1.0';

export async function createDynamoDbService(options: DynamoDbServiceOptions): Promise<DynamoDbService> {
  const engine = await openEngine(options.store.folder);
  const tables = new Map<string, Table>();
  const keys = createTableKeys(options.store, options.keyRing, options.accountId);
  const dynamoDb: operations.DynamoDb = {
    engine,
    tables,
    access: createAccess(tables, { ...options, openTableKey: keys.open }),
    locks: createItemLocks(),
  };
  const inner = jsonService({
    signingName: 'dynamodb',
    name: 'DynamoDB',
    target: 'DynamoDB_20120810',
    contentType: CONTENT_TYPE,
    operations: {
      BatchGetItem: operations.batchGetItem(dynamoDb),
      BatchWriteItem: operations.batchWriteItem(dynamoDb),
      DeleteItem: operations.deleteItem(dynamoDb),
      DescribeTable: operations.describeTable(dynamoDb),
      GetItem: operations.getItem(dynamoDb),
      ListTables: operations.listTables(dynamoDb, (caller) =>
        options.authorizer.require(caller, {
          action: 'dynamodb:ListTables',
          resource: '*',
          context: {},
          resourceAccount: options.accountId,
        }),
      ),
      PutItem: operations.putItem(dynamoDb),
      Query: operations.query(dynamoDb),
      Scan: operations.scan(dynamoDb),
      UpdateItem: operations.updateItem(dynamoDb),
    },
  });
  return {
    service: { ...inner, handle: async (request) => withItem(() => inner.handle(request), request.requestId) },
    provision: async (deployment) => {
      for (const table of readTables(deployment)) {
        const { status, body } = await engine.call('CreateTable', table.creation);
        if (status !== 200 && !body.includes('ResourceInUseException')) {
          throw new Error(`The table ${table.name} could not be made: ${body}`);
        }
        keys.make(table);
        tables.set(table.name, table);
      }
      await untilActive();
    },
    expire: (now) => expireItems(engine, tables.values(), now),
    close: () => engine.close(),
  };

  /** A table is there a moment after CreateTable has answered. */
  async function untilActive(): Promise<void> {
    for (const name of tables.keys()) {
      for (;;) {
        const { body } = await engine.call('DescribeTable', { TableName: name });
        if (body.includes('"TableStatus":"ACTIVE"')) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}

/** Errors of the gateway carry texts; the item of a failed condition is an object. */
async function withItem(work: () => ReturnType<Service['handle']>, requestId: string): ReturnType<Service['handle']> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof operations.ConditionFailed)) throw error;
    const { code, message, item } = error;
    return {
      status: error.status,
      headers: { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': requestId, 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message, ...(item === undefined ? {} : { Item: item }) }),
    };
  }
}
