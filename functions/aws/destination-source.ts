import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';
import { type Destination, type DestinationSource, EXPORT_FORMATS } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { type Item, mayBeKey, optionalTexts, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey } = TABLES.destinations;

export class DynamoDestinationSource implements DestinationSource {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async find(grantors: readonly string[]): Promise<ReadonlyMap<string, Destination>> {
    const known = grantors.filter((grantor) => mayBeKey(grantor, 'partition'));
    const items = await this.#table.getAll(known.map((grantor) => ({ [partitionKey]: text(grantor) })));
    return new Map(items.map((item) => [readText(item, partitionKey), parseDestination(item)]));
  }
}

function parseDestination(item: Item): Destination {
  const format = EXPORT_FORMATS.find((each) => each === readText(item, 'format'));
  if (format === undefined) throw new Problem('internal-failure', { detail: 'A destination has no known format.' });
  return { name: slugOf(item), format, datasets: optionalTexts(item, 'datasets') ?? [] };
}

/** The name becomes a prefix of object keys: one slug, so that no registered name reaches beside its own. */
function slugOf(item: Item): string {
  const name = readText(item, 'name');
  if (/^[a-z][a-z0-9-]{0,62}$/.test(name)) return name;
  throw new Problem('internal-failure', { detail: 'The name of a destination is no slug.' });
}
