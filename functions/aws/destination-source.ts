import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import { type Destination, type DestinationSource, EXPORT_FORMATS } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { type Item, optionalTexts, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey } = TABLES.destinations;

export class DynamoDestinationSource implements DestinationSource {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async find(destinations: readonly string[]): Promise<ReadonlyMap<string, Destination>> {
    const items = await this.#table.getAll(destinations.map((name) => ({ [partitionKey]: text(name) })));
    return new Map(items.map((item) => [readText(item, partitionKey), parseDestination(item)]));
  }
}

function parseDestination(item: Item): Destination {
  const format = EXPORT_FORMATS.find((each) => each === readText(item, 'format'));
  if (format === undefined) throw new Problem('internal-failure', { detail: 'A destination has no known format.' });
  return { destination: readText(item, partitionKey), format, datasets: optionalTexts(item, 'datasets') ?? [] };
}
