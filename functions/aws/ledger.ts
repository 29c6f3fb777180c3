import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import type { GrantEntry, GrantorEntry, Ledger } from '../../shared/ports.ts';
import { type Item, mayBeKey, readNumber, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey, sortKey } = TABLES.ledger;

/** The ledger's table; this role may read it and nothing else. */
export class DynamoLedger implements Ledger {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async grantors(ids: readonly string[]): Promise<ReadonlyMap<string, GrantorEntry>> {
    const items = await this.#entries('grantor', ids);
    return new Map(items.map((item) => [readText(item, sortKey), { id: readText(item, sortKey) }]));
  }

  async grants(ids: readonly string[]): Promise<ReadonlyMap<string, GrantEntry>> {
    const items = await this.#entries('grant', ids);
    return new Map(items.map((item) => [readText(item, sortKey), parseGrant(item)]));
  }

  #entries(kind: string, ids: readonly string[]): Promise<Item[]> {
    const known = ids.filter((id) => mayBeKey(id, 'sort'));
    return this.#table.getAll(known.map((id) => ({ [partitionKey]: text(kind), [sortKey]: text(id) })));
  }
}

function parseGrant(item: Item): GrantEntry {
  return {
    id: readText(item, sortKey),
    grantor: readText(item, 'grantor'),
    ein: readText(item, 'ein'),
    firstFiscalYear: readNumber(item, 'firstFiscalYear'),
    lastFiscalYear: readNumber(item, 'lastFiscalYear'),
  };
}
