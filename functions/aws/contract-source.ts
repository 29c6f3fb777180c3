import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES, versionKey } from '../../shared/names.ts';
import type { ContractSource, SignedText } from '../../shared/ports.ts';
import { readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey, sortKey } = TABLES.contracts;

export class DynamoContractSource implements ContractSource {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async find(dataset: string, version?: number): Promise<SignedText | undefined> {
    const item =
      version === undefined
        ? await this.#table.last(partitionKey, dataset)
        : await this.#table.get({ [partitionKey]: text(dataset), [sortKey]: text(versionKey(version)) });
    if (item === undefined) return undefined;
    return { text: readText(item, 'document'), signature: readText(item, 'signature') };
  }
}
