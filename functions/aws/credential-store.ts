import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import type { CredentialStore } from '../../shared/ports.ts';
import { number, text } from './attributes.ts';
import { Table } from './table.ts';

export class DynamoCredentialStore implements CredentialStore {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async claim(
    credential: string,
    run: string,
    window: { readonly now: number; readonly expiresAt: number },
  ): Promise<boolean> {
    const { partitionKey, ttl } = TABLES.credentials;
    const written = await this.#table.update({
      Key: { [partitionKey]: text(credential) },
      UpdateExpression: 'SET #run = :run, #expires = :expires',
      ConditionExpression: 'attribute_not_exists(#key) OR #run = :run OR #expires <= :now',
      ExpressionAttributeNames: { '#key': partitionKey, '#run': 'run', '#expires': ttl },
      ExpressionAttributeValues: {
        ':run': text(run),
        ':expires': number(window.expiresAt),
        ':now': number(window.now),
      },
    });
    return written !== undefined;
  }
}
