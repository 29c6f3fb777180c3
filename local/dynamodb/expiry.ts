import * as z from 'zod';
import type { Engine } from './engine.ts';
import { Item } from './parameters.ts';
import type { Table } from './tables.ts';

const Page = z.looseObject({ Items: z.array(Item).default([]), LastEvaluatedKey: Item.optional() });

/**
 * Deletes what has expired: items whose TTL attribute is a number of epoch seconds not after `now` (epoch milliseconds). AWS
 * takes up to days for it, so nothing may count on an expired item being gone; here it happens when it is asked for, or never.
 * @returns how many items were deleted
 */
export async function expireItems(engine: Engine, tables: Iterable<Table>, now: number): Promise<number> {
  let deleted = 0;
  for (const table of tables) {
    if (table.ttlAttribute === undefined) continue;
    const due = {
      ExpressionAttributeNames: { '#ttl': table.ttlAttribute },
      ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1_000)) } },
    };
    let start: Item | undefined;
    do {
      const page = await engine.call('Scan', {
        TableName: table.name,
        FilterExpression: '#ttl <= :now',
        ...due,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      const { Items, LastEvaluatedKey } = Page.parse(JSON.parse(page.body));
      for (const item of Items) {
        const key = [table.partitionKey, ...(table.sortKey === undefined ? [] : [table.sortKey])];
        // The item may have been renewed since: then it stays.
        const { status } = await engine.call('DeleteItem', {
          TableName: table.name,
          Key: Object.fromEntries(key.map((name) => [name, item[name]])),
          ConditionExpression: '#ttl <= :now',
          ...due,
        });
        if (status === 200) deleted += 1;
      }
      start = LastEvaluatedKey;
    } while (start !== undefined);
  }
  return deleted;
}
