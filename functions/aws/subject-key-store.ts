import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import type { SubjectKey, SubjectKeyStore } from '../../shared/ports.ts';
import { readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey, sortKey } = TABLES.subjectKeys;

export class DynamoSubjectKeyStore implements SubjectKeyStore {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  put(chunk: string, keys: readonly SubjectKey[]): Promise<void> {
    return this.#table.putAll(
      keys.map(({ subject, wrappedKey }) => ({
        [partitionKey]: text(subject),
        [sortKey]: text(chunk),
        wrappedKey: text(wrappedKey),
      })),
    );
  }

  async get(chunk: string, subjects: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const items = await this.#table.getAll(
      subjects.map((subject) => ({ [partitionKey]: text(subject), [sortKey]: text(chunk) })),
    );
    return new Map(items.map((item) => [readText(item, partitionKey), readText(item, 'wrappedKey')]));
  }
}
