/** Tables of DynamoDB in this process, by dynalite. */
import { createRequire } from 'node:module';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DynamoDbDocumentTable } from '../../../functions/aws/document-table.ts';
import { openDynamoDb } from '../../../functions/sweep/engines/dynamodb/engine.ts';
import type { ColumnType } from '../../../shared/canonical/column-type.ts';
import type { CanonicalValue } from '../../../shared/canonical/spelling.ts';
import type { EndpointOf } from '../../../shared/equivalence/schema.ts';
import type { EngineHarness, LogicalTable, LogicalValue } from './harness.ts';
import { isDecimal, printDecimal, printJson, printValue } from './print.ts';

interface Server {
  listen(port: number, host: string, done: (error?: Error) => void): void;
  address(): { readonly port: number };
  close(done: () => void): void;
}

const BATCH = 25;

export async function dynamoDbHarness(): Promise<EngineHarness & { readonly client: DynamoDBClient }> {
  // It comes without types.
  const dynalite: (options: object) => Server = createRequire(import.meta.url)('dynalite');
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) =>
    server.listen(0, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
  );
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.address().port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  let count = 0;
  return {
    client,
    keyless: false,
    absences: true,
    keyed: ({ kind }) => kind !== 'instant' && kind !== 'date',
    nativeType,
    holds,
    create: async (table) => {
      // DynamoDB itself refuses any other name. A new one each time, because a deletion takes its time.
      count += 1;
      const name = `table-${count}`;
      await createTable(client, name, table);
      const endpoint: EndpointOf<'dynamodb'> = {
        engine: 'dynamodb',
        connection: 'local',
        consistency: 'settled',
        table: name,
      };
      return { endpoint, open: async () => openDynamoDb(new DynamoDbDocumentTable(client, name)) };
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

async function createTable(client: DynamoDBClient, name: string, table: LogicalTable): Promise<void> {
  const types = new Map(table.columns.map((column) => [column.name, nativeType(column.type)]));
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: table.key.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: table.key.map((AttributeName) => {
        const type = types.get(AttributeName);
        return { AttributeName, AttributeType: type === 'N' || type === 'B' ? type : 'S' };
      }),
    }),
  );
  await active(client, name);
  const items = table.rows.map((row) =>
    Object.fromEntries(
      table.columns.flatMap((column, index): [string, AttributeValue][] => {
        const value = row[index];
        return value === undefined ? [] : [[column.name, attributeOf(column.type, value)]];
      }),
    ),
  );
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, batch) =>
    items.slice(batch * BATCH, (batch + 1) * BATCH).map((Item) => ({ PutRequest: { Item } })),
  );
  await Promise.all(
    batches.map((requests) => client.send(new BatchWriteItemCommand({ RequestItems: { [name]: requests } }))),
  );
}

export async function active(client: DynamoDBClient, name: string): Promise<void> {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function nativeType(type: ColumnType): string | undefined {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'float32':
    case 'float64':
      return 'N';
    case 'boolean':
      return 'BOOL';
    case 'bytes':
    case 'uuid':
      return 'B';
    case 'array':
      return 'L';
    case 'map':
      return 'M';
    case 'set':
      return type.element.kind === 'text' ? 'SS' : type.element.kind === 'bytes' ? 'BS' : 'NS';
    default:
      return 'S';
  }
}

/** Numbers have 38 digits, from 1e-130 to 9.9e125, and neither NaN nor −0; a set is never empty. */
function holds(type: ColumnType, value: CanonicalValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) && inRange(Math.abs(value));
  if (typeof value === 'object' && !(value instanceof Uint8Array) && isDecimal(value)) {
    if ('special' in value) return false;
    return value.coefficient.toString().replace('-', '').length <= 38 && value.exponent > -120 && value.exponent < 100;
  }
  return type.kind !== 'set' || (Array.isArray(value) && value.length > 0);
}

const inRange = (magnitude: number): boolean => magnitude === 0 || (magnitude > 1e-129 && magnitude < 1e125);

function attributeOf(type: ColumnType, value: LogicalValue): AttributeValue {
  if (value === null || value === undefined) return { NULL: true };
  if ('element' in type) {
    if (value instanceof Map) {
      const members = [...value].map(([name, item]): [string, AttributeValue] => [
        name,
        attributeOf(type.element, item),
      ]);
      return { M: Object.fromEntries(members) };
    }
    const items: readonly (CanonicalValue | null)[] = Array.isArray(value) ? value : [];
    if (type.kind === 'array') return { L: items.map((item) => attributeOf(type.element, item)) };
    const texts = items.map((item) => (item === null ? '' : scalarText(item)));
    return type.element.kind === 'text' ? { SS: texts } : { NS: texts };
  }
  if (typeof value === 'boolean') return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  return nativeType(type) === 'N' ? { N: scalarText(value) } : { S: scalarText(value) };
}

function scalarText(value: CanonicalValue): string {
  if (typeof value === 'object' && !(value instanceof Uint8Array)) {
    if (isDecimal(value)) return printDecimal(value);
    if ('json' in value) return printJson(value.json);
  }
  return printValue(value);
}
