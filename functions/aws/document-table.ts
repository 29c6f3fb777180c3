import {
  BatchGetItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  ScanCommand,
  type TableDescription as SdkDescription,
} from '@aws-sdk/client-dynamodb';
import { Problem } from '../../shared/problem.ts';
import { Transient } from '../../shared/transient.ts';
import type {
  Document,
  DocumentTable,
  KeyAttribute,
  Page,
  PageRequest,
  TableDescription,
} from '../sweep/engines/dynamodb/document-table.ts';
import type { Item } from './attributes.ts';
import { isNamed, translate } from './errors.ts';

/** BatchGetItem takes this many at most. */
const BATCH = 100;
/** What is throttled, or left of a batch, is asked for again this often, with a growing wait. */
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 25;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Any table of DynamoDB, to be read by a sweep: the only calls are DescribeTable, Scan and BatchGetItem. */
export class DynamoDbDocumentTable implements DocumentTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async describe(): Promise<TableDescription> {
    const answer = await this.#call('DescribeTable', () =>
      this.#client.send(new DescribeTableCommand({ TableName: this.#name })),
    );
    const table = answer.Table;
    if (table === undefined) throw missing();
    return {
      identity: `${table.TableArn ?? this.#name} ${table.TableId ?? ''}`,
      key: keyOf(table),
      estimatedItems: table.ItemCount ?? 0,
    };
  }

  async page({ segment, segments, after, attributes, limit }: PageRequest): Promise<Page> {
    const answer = await this.#call('Scan', () =>
      this.#client.send(
        new ScanCommand({
          TableName: this.#name,
          ConsistentRead: true,
          Segment: segment,
          TotalSegments: segments,
          ExclusiveStartKey: after && toItem(after),
          Limit: limit,
          ...projection(attributes),
        }),
      ),
    );
    return { documents: answer.Items ?? [], after: answer.LastEvaluatedKey };
  }

  async get(keys: readonly Document[], attributes: readonly string[]): Promise<readonly Document[]> {
    const found: Document[] = [];
    for (let from = 0; from < keys.length; from += BATCH) {
      const Keys = keys.slice(from, from + BATCH).map(toItem);
      found.push(...(await this.#batch({ Keys, ConsistentRead: true, ...projection(attributes) })));
    }
    return found;
  }

  async #batch(request: KeysAndAttributes): Promise<readonly Document[]> {
    const found: Document[] = [];
    let pending: KeysAndAttributes | undefined = request;
    for (let attempt = 1; pending?.Keys?.length; attempt += 1) {
      if (attempt > ATTEMPTS) throw new Transient('BatchGetItem', 'throttled');
      if (attempt > 1) await wait(FIRST_WAIT_MS * 2 ** attempt);
      const RequestItems: Record<string, KeysAndAttributes> = { [this.#name]: pending };
      const answer = await this.#call('BatchGetItem', () =>
        this.#client.send(new BatchGetItemCommand({ RequestItems })),
      );
      found.push(...(answer.Responses?.[this.#name] ?? []));
      pending = answer.UnprocessedKeys?.[this.#name];
    }
    return found;
  }

  async #call<Result>(operation: string, call: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (isNamed(error, 'ResourceNotFoundException')) throw missing();
        const translated = translate(error, operation);
        const isThrottled = translated instanceof Transient && translated.reason === 'throttled';
        if (!isThrottled || attempt === ATTEMPTS) throw translated;
        await wait(FIRST_WAIT_MS * 2 ** attempt);
      }
    }
  }
}

const missing = (): Problem => new Problem('not-found', { detail: 'There is no such table.' });

/** The port's document is the SDK's item, except that nobody may write to it. */
function toItem(document: Document): Item {
  return Object.fromEntries(Object.entries(document).map(([name, { S, N, B }]) => [name, keyAttribute(S, N, B)]));
}

function keyAttribute(S: string | undefined, N: string | undefined, B: Uint8Array | undefined): Item[string] {
  if (S !== undefined) return { S };
  if (N !== undefined) return { N };
  return { B: B ?? new Uint8Array(0) };
}

/** Attributes by placeholders: what a name is made of does not matter then. */
function projection(
  attributes: readonly string[],
): Pick<KeysAndAttributes, 'ProjectionExpression' | 'ExpressionAttributeNames'> {
  if (attributes.length === 0) return {};
  return {
    ProjectionExpression: attributes.map((_, index) => `#a${index}`).join(','),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name])),
  };
}

function keyOf({ KeySchema = [], AttributeDefinitions = [] }: SdkDescription): readonly KeyAttribute[] {
  const types = new Map(AttributeDefinitions.map((attribute) => [attribute.AttributeName, attribute.AttributeType]));
  return KeySchema.map(({ AttributeName: name = '' }) => {
    const type = types.get(name);
    if (type !== 'S' && type !== 'N' && type !== 'B')
      throw new Problem('internal-failure', { detail: 'At DescribeTable.' });
    return { name, type };
  });
}
