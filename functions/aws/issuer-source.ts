import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import type { Issuer, IssuerSource } from '../../shared/ports.ts';
import { optionalTexts, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey } = TABLES.issuers;

export class DynamoIssuerSource implements IssuerSource {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async find(issuer: string): Promise<Issuer | undefined> {
    // DynamoDB refuses an empty key and one over 2,048 bytes; no such issuer can be registered.
    if (issuer === '' || Buffer.byteLength(issuer) > 2_048) return undefined;
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
