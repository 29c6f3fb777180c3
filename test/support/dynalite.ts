import { createRequire } from 'node:module';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/names.ts';

/** A DynamoDB of this process: dynalite on a loopback port, with the flow's tables. */
export interface LocalTables extends AsyncDisposable {
  readonly client: DynamoDBClient;
}

interface Server {
  listen(port: number, host: string, done: (error?: Error) => void): void;
  address(): { readonly port: number };
  close(done: () => void): void;
}

export async function openTables(): Promise<LocalTables> {
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
  for (const [name, shape] of Object.entries(TABLES)) await createTable(client, name, shape);
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

async function createTable(
  client: DynamoDBClient,
  name: string,
  shape: { readonly partitionKey: string; readonly sortKey?: string },
): Promise<void> {
  const keys = [
    { AttributeName: shape.partitionKey, KeyType: 'HASH' as const },
    ...(shape.sortKey ? [{ AttributeName: shape.sortKey, KeyType: 'RANGE' as const }] : []),
  ];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      KeySchema: keys,
      AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' as const })),
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: name });
}
