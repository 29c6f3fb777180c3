import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import type { IdempotencyClaim, IdempotencyStore } from '../../shared/ports.ts';
import { Transient } from '../../shared/transient.ts';
import { number, readText, text } from './attributes.ts';
import { Table } from './table.ts';

export class DynamoIdempotencyStore implements IdempotencyStore {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async claim(
    key: string,
    claim: IdempotencyClaim,
    window: { readonly now: number; readonly expiresAt: number },
  ): Promise<IdempotencyClaim> {
    const { partitionKey, ttl } = TABLES.idempotency;
    // A holder that comes again keeps its first expiry: retries must not stretch the window.
    const written = await this.#table.update({
      Key: { [partitionKey]: text(key) },
      UpdateExpression: 'SET #holder = :holder, #payload = :payload, #expires = :expires',
      ConditionExpression: 'attribute_not_exists(#key) OR #expires <= :now',
      ExpressionAttributeNames: { '#key': partitionKey, '#holder': 'holder', '#payload': 'payload', '#expires': ttl },
      ExpressionAttributeValues: {
        ':holder': text(claim.holder),
        ':payload': text(claim.payload),
        ':expires': number(window.expiresAt),
        ':now': number(window.now),
      },
    });
    if (written !== undefined) return claim;
    const held = await this.#table.get({ [partitionKey]: text(key) });
    // Expired and swept between the two calls: another attempt of the stage will claim it.
    if (held === undefined) throw new Transient('GetItem', 'interrupted');
    return { holder: readText(held, 'holder'), payload: readText(held, 'payload') };
  }
}
