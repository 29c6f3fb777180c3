import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { type Item, text } from '../../../functions/aws/attributes.ts';
import { Table } from '../../../functions/aws/table.ts';

/** A client that takes `capacity` items of each batch and leaves the rest unprocessed, as DynamoDB does under load. */
function halting(capacity: number): { client: DynamoDBClient; written: Item[]; batches: number[] } {
  const written: Item[] = [];
  const batches: number[] = [];
  const send = async (command: unknown): Promise<object> => {
    if (command instanceof BatchWriteItemCommand) {
      const requests: WriteRequest[] = command.input.RequestItems?.t ?? [];
      batches.push(requests.length);
      for (const { PutRequest } of requests.slice(0, capacity)) written.push(PutRequest?.Item ?? {});
      const rest = requests.slice(capacity);
      return rest.length > 0 ? { UnprocessedItems: { t: rest } } : {};
    }
    if (command instanceof BatchGetItemCommand) {
      const asked: KeysAndAttributes | undefined = command.input.RequestItems?.t;
      const keys = asked?.Keys ?? [];
      batches.push(keys.length);
      const rest = keys.slice(capacity);
      const left = rest.length > 0 ? { UnprocessedKeys: { t: { Keys: rest, ConsistentRead: true } } } : {};
      return { Responses: { t: keys.slice(0, capacity) }, ...left };
    }
    throw new Error('unexpected');
  };
  const client: Pick<DynamoDBClient, 'send'> = { send };
  return { client: client as DynamoDBClient, written, batches };
}

const items = (count: number): Item[] => Array.from({ length: count }, (_, index) => ({ id: text(`${index}`) }));

describe('a table', () => {
  it('writes what a batch left unprocessed again, until all is written', async () => {
    const { client, written, batches } = halting(10);
    await new Table(client, 't').putAll(items(60));
    expect(new Set(written.map(({ id }) => id?.S)).size).toBe(60);
    expect(written).toHaveLength(60);
    expect(Math.max(...batches)).toBe(25);
  });

  it('asks again for what a batch left unread', async () => {
    const { client, batches } = halting(70);
    expect(await new Table(client, 't').getAll(items(250))).toHaveLength(250);
    expect(Math.max(...batches)).toBe(100);
  });

  it('gives up as throttled when nothing is taken at all', async () => {
    const { client, batches } = halting(0);
    const waits: number[] = [];
    const table = new Table(client, 't', async (ms) => void waits.push(ms));
    await expect(table.putAll(items(1))).rejects.toMatchObject({
      name: 'Transient',
      reason: 'throttled',
    });
    expect(waits).toEqual(waits.toSorted((left, right) => left - right));
    expect(batches).toHaveLength(waits.length + 1);
  });

  it('makes no call for nothing', async () => {
    const { client, batches } = halting(1);
    await new Table(client, 't').putAll([]);
    expect(await new Table(client, 't').getAll([])).toEqual([]);
    expect(batches).toEqual([]);
  });
});
