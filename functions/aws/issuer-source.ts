import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import type { Issuer, IssuerSource } from '../../shared/ports.ts';
import { mayBeKey, optionalTexts, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey } = TABLES.issuers;

export class DynamoIssuerSource implements IssuerSource {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async find(issuer: string): Promise<Issuer | undefined> {
    if (!mayBeKey(issuer, 'partition')) return undefined;
    const item = await this.#table.get({ [partitionKey]: text(issuer) });
    if (item === undefined) return undefined;
    return {
      issuer,
      keys: readText(item, 'keys'),
      datasets: optionalTexts(item, 'datasets'),
      submitters: optionalTexts(item, 'submitters'),
    };
  }
}
