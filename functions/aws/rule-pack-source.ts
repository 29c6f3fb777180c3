import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES, versionKey } from '../../shared/names.ts';
import type { RulePackSource, SignedText } from '../../shared/ports.ts';
import { readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey, sortKey } = TABLES.rulePacks;

export class DynamoRulePackSource implements RulePackSource {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async find(pack: string, version: number): Promise<SignedText | undefined> {
    const item = await this.#table.get({ [partitionKey]: text(pack), [sortKey]: text(versionKey(version)) });
    if (item === undefined) return undefined;
    return { text: readText(item, 'code'), signature: readText(item, 'signature') };
  }
}
