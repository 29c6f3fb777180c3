/**
 * Fills the registries from files, as the steward: contracts and rule packs with their signatures, issuers, the ledger's
 * reference data, destinations. Seeding again replaces what has the same key and touches nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  destinationItems,
  issuerItems,
  ledgerItems,
  parseDestinations,
  parseIssuers,
  parseLedger,
  type ReferenceItem,
} from '../../shared/contract/reference.ts';
import { TABLES, versionKey } from '../../shared/names.ts';
import { Problem } from '../../shared/problem.ts';
import type { Connection } from './connection.ts';

/** Items per BatchWriteItem (AWS's own limit). */
const BATCH = 25;
const SIGNED_CONTRACT = /^([a-z][a-z0-9-]*)\.v([1-9][0-9]*)\.json$/;
const SIGNED_PACK = /^([a-z][a-z0-9-]*)\.v([1-9][0-9]*)\.js$/;

export interface SeedFiles {
  /** Folder of contracts, each `<dataset>.v<version>.json` with its signature beside it in `.jws`. */
  readonly contracts: string;
  /** Folder of rule packs, each `<pack>.v<version>.js` with `.jws`. */
  readonly rules: string;
  /** Folder of `ledger.json`, `issuers.json`, `destinations.json`. */
  readonly reference: string;
  /** JWK set (JSON text) that stands for an issuer's `development` keys: the embedded cloud's alone. */
  readonly developmentKeys?: string;
}

/** Number of items written, by table. */
type Registry = Exclude<keyof Connection['tables'], 'runs' | 'gates' | 'closings'>;
export type Seeded = Readonly<Record<Registry | 'runs', number>>;

export async function seed(client: DynamoDBClient, tables: Connection['tables'], files: SeedFiles): Promise<Seeded> {
  const reference = (name: string): string => readFileSync(join(files.reference, name), 'utf8');
  const items: Record<Registry, ReferenceItem[]> = {
    contracts: signedItems(files.contracts, SIGNED_CONTRACT, TABLES.contracts, 'document'),
    rulePacks: signedItems(files.rules, SIGNED_PACK, TABLES.rulePacks, 'code'),
    issuers: issuerItems(parseIssuers(reference('issuers.json')), files.developmentKeys),
    ledger: ledgerItems(parseLedger(reference('ledger.json'))),
    destinations: destinationItems(parseDestinations(reference('destinations.json'))),
  };
  for (const [table, list] of Object.entries(items)) {
    await writeAll(client, tables[table as keyof typeof items], list);
  }
  const counts = Object.fromEntries(Object.entries(items).map(([table, list]) => [table, list.length]));
  return { runs: 0, ...counts } as Seeded;
}

/** A signed text and the signature beside it; one without a signature is refused, as no stage would run it. */
function signedItems(
  folder: string,
  pattern: RegExp,
  { partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string },
  attribute: string,
): ReferenceItem[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const match = pattern.exec(name);
      if (match === null) return [];
      const file = join(folder, name);
      return [
        {
          [partitionKey]: match[1] ?? '',
          [sortKey]: versionKey(Number(match[2])),
          [attribute]: readFileSync(file, 'utf8'),
          signature: signatureOf(file),
        },
      ];
    });
}

function signatureOf(file: string): string {
  const signature = `${file}.jws`;
  try {
    return readFileSync(signature, 'utf8').trim();
  } catch (cause) {
    throw new Problem('configuration-invalid', { detail: `${file} has no signature beside it (${signature}).`, cause });
  }
}

async function writeAll(client: DynamoDBClient, table: string, items: readonly ReferenceItem[]): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) {
    let pending = items.slice(start, start + BATCH).map((item) => ({ PutRequest: { Item: attributesOf(item) } }));
    while (pending.length > 0) {
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: pending } }));
      pending = (answer.UnprocessedItems?.[table] ?? []) as typeof pending;
    }
  }
}

function attributesOf(item: ReferenceItem): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]): [string, AttributeValue] => {
      if (typeof value === 'string') return [name, { S: value }];
      if (typeof value === 'number') return [name, { N: value.toString() }];
      return [name, { L: value.map((each) => ({ S: each })) }];
    }),
  );
}
