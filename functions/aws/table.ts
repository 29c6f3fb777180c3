import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type KeysAndAttributes,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { Transient } from '../../shared/transient.ts';
import type { Item } from './attributes.ts';
import { calling, isNamed, translate } from './errors.ts';

/** BatchWriteItem and BatchGetItem take this many at most. */
const WRITE_BATCH = 25;
const READ_BATCH = 100;
/** Batches in flight at once. */
const CONCURRENCY = 8;
/** What a batch left unprocessed is sent again this often, with a growing wait. */
const BATCH_ATTEMPTS = 8;
const FIRST_WAIT_MS = 25;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The few operations that the adapters use, on one table. All reads are consistent. */
export class Table {
  readonly name: string;
  readonly #client: DynamoDBClient;
  readonly #wait: (ms: number) => Promise<void>;

  constructor(client: DynamoDBClient, name: string, wait = pause) {
    this.#client = client;
    this.name = name;
    this.#wait = wait;
  }

  async get(key: Item): Promise<Item | undefined> {
    const found = await calling('GetItem', () =>
      this.#client.send(new GetItemCommand({ TableName: this.name, Key: key, ConsistentRead: true })),
    );
    return found.Item;
  }

  /** The item with the greatest sort key under a partition key. */
  async last(partitionKey: string, value: string): Promise<Item | undefined> {
    const found = await calling('Query', () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.name,
          KeyConditionExpression: '#key = :value',
          ExpressionAttributeNames: { '#key': partitionKey },
          ExpressionAttributeValues: { ':value': { S: value } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: 1,
        }),
      ),
    );
    return found.Items?.[0];
  }

  /** Every item of a table that holds few. */
  async all(): Promise<Item[]> {
    const found: Item[] = [];
    let from: Item | undefined;
    do {
      const page = await calling('Scan', () =>
        this.#client.send(
          new ScanCommand({
            TableName: this.name,
            ConsistentRead: true,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        ),
      );
      found.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return found;
  }

  /** The item as the update left it; `undefined` when the condition did not hold. */
  async update(input: Omit<UpdateItemCommandInput, 'TableName' | 'ReturnValues'>): Promise<Item | undefined> {
    try {
      const written = await this.#client.send(
        new UpdateItemCommand({ ...input, TableName: this.name, ReturnValues: 'ALL_NEW' }),
      );
      return written.Attributes ?? {};
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return undefined;
      throw translate(error, 'UpdateItem');
    }
  }

  /** Every item that there is of these keys, in any order. No key may stand twice. */
  async getAll(keys: readonly Item[]): Promise<Item[]> {
    const found: Item[] = [];
    await inBatches(keys, READ_BATCH, async (batch) => {
      let pending: KeysAndAttributes | undefined = { Keys: batch, ConsistentRead: true };
      for (let attempt = 1; pending?.Keys?.length; attempt += 1) {
        if (attempt > BATCH_ATTEMPTS) throw new Transient('BatchGetItem', 'throttled');
        if (attempt > 1) await this.#wait(FIRST_WAIT_MS * 2 ** attempt);
        const request: Record<string, KeysAndAttributes> = { [this.name]: pending };
        const answer = await calling('BatchGetItem', () =>
          this.#client.send(new BatchGetItemCommand({ RequestItems: request })),
        );
        found.push(...(answer.Responses?.[this.name] ?? []));
        pending = answer.UnprocessedKeys?.[this.name];
      }
    });
    return found;
  }

  /** Writes all, superseding what is there. No key may stand twice. */
  async putAll(items: readonly Item[]): Promise<void> {
    await inBatches(items, WRITE_BATCH, async (batch) => {
      let pending: WriteRequest[] = batch.map((Item) => ({ PutRequest: { Item } }));
      for (let attempt = 1; pending.length > 0; attempt += 1) {
        if (attempt > BATCH_ATTEMPTS) throw new Transient('BatchWriteItem', 'throttled');
        if (attempt > 1) await this.#wait(FIRST_WAIT_MS * 2 ** attempt);
        const request = { [this.name]: pending };
        const answer = await calling('BatchWriteItem', () =>
          this.#client.send(new BatchWriteItemCommand({ RequestItems: request })),
        );
        pending = answer.UnprocessedItems?.[this.name] ?? [];
      }
    });
  }
}

async function inBatches(items: readonly Item[], size: number, run: (batch: Item[]) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const from = next;
      next += size;
      await run(items.slice(from, from + size));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
